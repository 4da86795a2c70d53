package org.maloca.x86.simd;

/**
 * The AES round function (FIPS 197) on a state of four little-endian columns: one table holds a
 * byte's substitution and its share of a mixed column.
 */
final class Aes {
  private static final int[] SBOX = new int[256];
  private static final int[] INVERSE_SBOX = new int[256];

  /** Column shares of row 0: SubBytes then MixColumns. Row r's are rotated left by 8r. */
  private static final int[] ENCRYPT = new int[256];

  /** Likewise InvSubBytes then InvMixColumns. */
  private static final int[] DECRYPT = new int[256];

  static {
    fillSboxes();
    for (int i = 0; i < 256; i++) {
      int s = SBOX[i];
      ENCRYPT[i] = times(s, 2) | s << 8 | s << 16 | times(s, 3) << 24;
      int v = INVERSE_SBOX[i];
      DECRYPT[i] = times(v, 14) | times(v, 9) << 8 | times(v, 13) << 16 | times(v, 11) << 24;
    }
  }

  private Aes() {}

  /** Walks the field by powers of the generator 3 and of its inverse. */
  private static void fillSboxes() {
    int element = 1;
    int inverse = 1;
    for (int i = 0; i < 255; i++) {
      int s = inverse;
      for (int rotation = 1; rotation <= 4; rotation++) {
        s ^= (inverse << rotation | inverse >>> 8 - rotation) & 0xff;
      }
      SBOX[element] = s ^ 0x63;
      element = times(element, 3);
      inverse = times(inverse, 0xf6);
    }
    SBOX[0] = 0x63;
    for (int i = 0; i < 256; i++) {
      INVERSE_SBOX[SBOX[i]] = i;
    }
  }

  /** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
  private static int times(int a, int b) {
    int product = 0;
    for (int i = 7; i >= 0; i--) {
      product = product << 1 ^ (product >>> 7) * 0x11b ^ (b >>> i & 1) * a;
    }
    return product;
  }

  /** A column after ShiftRows, SubBytes, MixColumns, from the columns its four rows come from. */
  static int encryptColumn(int row0, int row1, int row2, int row3) {
    return mixed(ENCRYPT, row0, row1, row2, row3);
  }

  /** A column after InvShiftRows, InvSubBytes, InvMixColumns. */
  static int decryptColumn(int row0, int row1, int row2, int row3) {
    return mixed(DECRYPT, row0, row1, row2, row3);
  }

  private static int mixed(int[] shares, int row0, int row1, int row2, int row3) {
    return shares[row0 & 0xff]
        ^ Integer.rotateLeft(shares[row1 >>> 8 & 0xff], 8)
        ^ Integer.rotateLeft(shares[row2 >>> 16 & 0xff], 16)
        ^ Integer.rotateLeft(shares[row3 >>> 24], 24);
  }

  /** A column of the last round, which mixes nothing. */
  static int encryptLastColumn(int row0, int row1, int row2, int row3) {
    return substituted(SBOX, row0, row1, row2, row3);
  }

  static int decryptLastColumn(int row0, int row1, int row2, int row3) {
    return substituted(INVERSE_SBOX, row0, row1, row2, row3);
  }

  private static int substituted(int[] box, int row0, int row1, int row2, int row3) {
    return box[row0 & 0xff]
        | box[row1 >>> 8 & 0xff] << 8
        | box[row2 >>> 16 & 0xff] << 16
        | box[row3 >>> 24] << 24;
  }

  /** SubWord. */
  static int substituteWord(int word) {
    return substituted(SBOX, word, word, word, word);
  }

  /** InvMixColumns of one column. */
  static int inverseMixColumn(int column) {
    int substituted = substituteWord(column);
    return decryptColumn(substituted, substituted, substituted, substituted);
  }
}
