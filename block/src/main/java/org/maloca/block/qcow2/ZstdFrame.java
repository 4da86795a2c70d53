package org.maloca.block.qcow2;

/** Finds where a Zstandard frame ends (RFC 8878, section 3.1.1), as images do not tell. */
final class ZstdFrame {
  private static final int MAGIC = 0xfd2fb528;
  private static final int[] DICTIONARY_ID_BYTES = {0, 1, 2, 4};
  private static final int RLE_BLOCK = 1;
  private static final int RESERVED_BLOCK = 3;

  private ZstdFrame() {}

  /** The frame's length in bytes; -1 when there is none in the first {@code limit} bytes. */
  static int length(byte[] bytes, int limit) {
    if (limit < 6 || int32(bytes, 0) != MAGIC) {
      return -1;
    }
    int descriptor = bytes[4] & 0xff;
    boolean isSingleSegment = (descriptor & 0x20) != 0;
    int contentSizeCode = descriptor >> 6;
    int contentSizeBytes = contentSizeCode == 0 ? (isSingleSegment ? 1 : 0) : 1 << contentSizeCode;
    int at = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3] + contentSizeBytes;
    boolean isLast = false;
    while (!isLast) {
      if (at + 3 > limit) {
        return -1;
      }
      int header = bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16;
      int type = header >> 1 & 3;
      if (type == RESERVED_BLOCK) {
        return -1;
      }
      isLast = (header & 1) != 0;
      at += 3 + (type == RLE_BLOCK ? 1 : header >> 3);
    }
    at += (descriptor & 4) != 0 ? 4 : 0;
    return at <= limit ? at : -1;
  }

  private static int int32(byte[] bytes, int at) {
    return bytes[at] & 0xff
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | bytes[at + 3] << 24;
  }
}
