package org.maloca.net;

/** The Internet checksum once more, byte by byte, so that tests share no mistake with the code. */
final class Checksums {
  private Checksums() {}

  static int of(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += (i - from) % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum & 0xffff;
  }
}
