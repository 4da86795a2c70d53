package org.maloca.devices.virtio;

import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/**
 * Descriptor flags, and the walk over tables of descriptors outside the ring (virtio 1.2, sections
 * 2.7.5 and 2.8.7). Not thread-safe.
 */
final class Descriptors {
  static final int BYTES = 16;
  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

  private final GuestMemory memory;
  private final IoVector table = new IoVector();

  Descriptors(GuestMemory memory) {
    this.memory = memory;
  }

  /** Opens an indirect table; answers its number of descriptors, or -1 when it is nonsense. */
  int openIndirect(long gpa, int bytes) {
    long length = bytes & 0xffff_ffffL;
    table.clear();
    if (length == 0
        || length % BYTES != 0
        || length / BYTES > Virtqueue.MAX_INDIRECT_DESCRIPTORS
        || !memory.map(gpa, length, table)) {
      return -1;
    }
    return (int) (length / BYTES);
  }

  /** Reads a descriptor of the open table, once; the getters tell what it said. */
  void load(int index) {
    if (table.count() == 1) {
      long host = table.address(0) + (long) index * BYTES;
      gpa = HostMemory.getLong(host);
      length = HostMemory.getInt(host + 8);
      tail = HostMemory.getInt(host + 12);
    } else {
      long at = (long) index * BYTES;
      gpa = table.littleEndian(at, 8);
      length = (int) table.littleEndian(at + 8, 4);
      tail = (int) table.littleEndian(at + 12, 4);
    }
  }

  private long gpa;
  private int length;
  private int tail;

  long gpa() {
    return gpa;
  }

  long length() {
    return length & 0xffff_ffffL;
  }

  /** Flags of a split ring's descriptor. */
  int splitFlags() {
    return tail & 0xffff;
  }

  /** Next of a split ring's descriptor. */
  int splitNext() {
    return tail >>> 16;
  }

  /** Flags of a packed ring's descriptor. */
  int packedFlags() {
    return tail >>> 16;
  }

  /** Appends an indirect table in the split form, from its first descriptor on. */
  boolean addSplitTable(DescriptorChain chain, long tableGpa, int tableBytes) {
    int count = openIndirect(tableGpa, tableBytes);
    int index = 0;
    for (int walked = 0; walked < count; walked++) {
      load(index);
      int flags = splitFlags();
      if ((flags & INDIRECT) != 0 || !chain.add(memory, gpa, length(), (flags & WRITE) != 0)) {
        return false;
      }
      if ((flags & NEXT) == 0) {
        return true;
      }
      index = splitNext();
      if (index >= count) {
        return false;
      }
    }
    return false;
  }

  /** Appends an indirect table in the packed form: all its descriptors, in order. */
  boolean addPackedTable(DescriptorChain chain, long tableGpa, int tableBytes) {
    int count = openIndirect(tableGpa, tableBytes);
    for (int index = 0; index < count; index++) {
      load(index);
      int flags = packedFlags();
      if ((flags & INDIRECT) != 0 || !chain.add(memory, gpa, length(), (flags & WRITE) != 0)) {
        return false;
      }
    }
    return count > 0;
  }

  /** A device-side ring, or null when its parts are not in RAM. */
  static @Nullable Virtqueue open(
      GuestMemory memory, QueueRegisters registers, boolean isPacked, boolean hasEventIndex) {
    return isPacked
        ? PackedVirtqueue.open(memory, registers, hasEventIndex)
        : SplitVirtqueue.open(memory, registers, hasEventIndex);
  }
}
