package org.maloca.block.vhd;

import java.nio.ByteBuffer;

/** The one's complement of the sum of all bytes but the four of the checksum itself. */
final class Checksum {
  private Checksum() {}

  static int of(ByteBuffer bytes, int field) {
    int sum = 0;
    for (int i = 0; i < bytes.capacity(); i++) {
      sum += i >= field && i < field + 4 ? 0 : bytes.get(i) & 0xff;
    }
    return ~sum;
  }
}
