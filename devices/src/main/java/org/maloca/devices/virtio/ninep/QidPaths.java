package org.maloca.devices.virtio.ninep;

/**
 * The 64 bits by which the guest knows an inode. A folder may span file systems that number their
 * inodes alike, so each file system found gets a number of its own for the top byte. Inode numbers
 * that reach into the top byte, and file systems beyond the 127th, share the upper half of the
 * numbers by a hash. Not thread-safe.
 */
final class QidPaths {
  private static final int MAX_DEVICES = 127;
  private static final int INODE_BITS = 56;

  private final long[] devices = new long[MAX_DEVICES];
  private int count;

  long path(long device, long inode) {
    int index = index(device);
    if (index < MAX_DEVICES && inode >>> INODE_BITS == 0) {
      return (long) index << INODE_BITS | inode;
    }
    return mix(mix(device) + inode) | Long.MIN_VALUE;
  }

  private int index(long device) {
    for (int i = 0; i < count; i++) {
      if (devices[i] == device) {
        return i;
      }
    }
    if (count < MAX_DEVICES) {
      devices[count] = device;
      return count++;
    }
    return MAX_DEVICES;
  }

  /** Spreads bits (a finalizer of the kind that hash tables use). */
  private static long mix(long value) {
    long spread = (value ^ value >>> 32) * 0x9e37_79b9_7f4a_7c15L;
    return spread ^ spread >>> 29;
  }
}
