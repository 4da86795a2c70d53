package org.maloca.block.qcow2;

/** What follows from the sizes in a header: how addresses on the disk split into table indices. */
final class Geometry {
  /** Pieces of a cluster that an extended L2 entry tells apart. */
  static final int SUBCLUSTERS = 32;

  final int clusterBits;
  final int clusterBytes;
  final boolean isExtended;

  /** What is mapped as one: a subcluster, or a cluster where there are none. */
  final int unitBytes;

  final int l2EntryBytes;
  final int l2Entries;
  final int l2Bits;
  final int refcountOrder;

  /** Refcounts in a block, as a power of two. */
  final int refcountBlockBits;

  /** The largest refcount; the sign bit is left out of the widest. */
  final long maxRefcount;

  /** In a compressed cluster's entry: how far up the number of sectors stands. */
  final int compressedSizeShift;

  Geometry(int clusterBits, int refcountOrder, boolean isExtended) {
    this.clusterBits = clusterBits;
    this.clusterBytes = 1 << clusterBits;
    this.isExtended = isExtended;
    this.unitBytes = isExtended ? clusterBytes / SUBCLUSTERS : clusterBytes;
    this.l2EntryBytes = isExtended ? 16 : 8;
    this.l2Bits = clusterBits - (isExtended ? 4 : 3);
    this.l2Entries = 1 << l2Bits;
    this.refcountOrder = refcountOrder;
    this.refcountBlockBits = clusterBits + 3 - refcountOrder;
    this.maxRefcount = refcountOrder == 6 ? Long.MAX_VALUE : (1L << (1 << refcountOrder)) - 1;
    this.compressedSizeShift = 62 - (clusterBits - 8);
  }

  int l1Index(long guestOffset) {
    return (int) (guestOffset >>> clusterBits + l2Bits);
  }

  int l2Index(long guestOffset) {
    return (int) (guestOffset >>> clusterBits) & l2Entries - 1;
  }

  long clusterStart(long offset) {
    return offset & -clusterBytes;
  }

  int inCluster(long offset) {
    return (int) offset & clusterBytes - 1;
  }

  /** Clusters that hold so many bytes. */
  long clustersFor(long bytes) {
    return (bytes >>> clusterBits) + ((bytes & clusterBytes - 1) == 0 ? 0 : 1);
  }

  long l1EntriesFor(long sizeBytes) {
    long perTable = 1L << clusterBits + l2Bits;
    return (sizeBytes >>> clusterBits + l2Bits) + ((sizeBytes & perTable - 1) == 0 ? 0 : 1);
  }

  /** The largest disk that the largest L1 table serves. */
  long maxSizeBytes() {
    long entries = Qcow2Header.MAX_L1_BYTES / Long.BYTES;
    int bits = clusterBits + l2Bits;
    return bits > 40 ? Long.MAX_VALUE & -clusterBytes : Math.min(entries << bits, 1L << 62);
  }
}
