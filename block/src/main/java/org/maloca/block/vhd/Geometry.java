package org.maloca.block.vhd;

/**
 * The disk in cylinders, heads and sectors, chosen as the specification's appendix "CHS
 * Calculation" says. It may cover less than the disk has.
 */
record Geometry(int cylinders, int heads, int sectorsPerTrack) {
  private static final long MAX_SECTORS = 65_535L * 16 * 255;

  long sectors() {
    return (long) cylinders * heads * sectorsPerTrack;
  }

  /** Whether the disk is at least as large as any geometry, which then says nothing of its size. */
  boolean isLargest() {
    return sectors() == MAX_SECTORS;
  }

  static Geometry of(long diskSectors) {
    long total = Math.min(diskSectors, MAX_SECTORS);
    if (total >= 65_535L * 16 * 63) {
      return new Geometry((int) (total / 255 / 16), 16, 255);
    }
    int perTrack = 17;
    long tracks = total / perTrack;
    int heads = (int) Math.max(4, (tracks + 1023) / 1024);
    if (tracks >= heads * 1024L || heads > 16) {
      perTrack = 31;
      heads = 16;
      tracks = total / perTrack;
    }
    if (tracks >= heads * 1024L) {
      perTrack = 63;
      heads = 16;
      tracks = total / perTrack;
    }
    return new Geometry((int) (tracks / heads), heads, perTrack);
  }
}
