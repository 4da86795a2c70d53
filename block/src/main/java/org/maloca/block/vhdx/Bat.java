package org.maloca.block.vhdx;

/** Entries of the block allocation table ([MS-VHDX] 2.5.1): a state and a place in MiB. */
final class Bat {
  static final int NOT_PRESENT = 0;
  static final int UNDEFINED = 1;
  static final int ZERO = 2;
  static final int UNMAPPED = 3;
  static final int FULLY_PRESENT = 6;
  static final int PARTIALLY_PRESENT = 7;
  static final int BITMAP_PRESENT = 6;

  private static final int OFFSET_SHIFT = 20;

  private Bat() {}

  static int state(long entry) {
    return (int) entry & 7;
  }

  static long position(long entry) {
    return entry >>> OFFSET_SHIFT << OFFSET_SHIFT;
  }

  /** Entries for a disk: each chunk's blocks, and behind them that of their bitmap. */
  static long count(long sizeBytes, long blockBytes, long chunkBlocks, boolean hasParent) {
    long blocks = (sizeBytes + blockBytes - 1) / blockBytes;
    if (hasParent) {
      return (blocks + chunkBlocks - 1) / chunkBlocks * (chunkBlocks + 1);
    }
    return blocks == 0 ? 0 : blocks + (blocks - 1) / chunkBlocks;
  }
}
