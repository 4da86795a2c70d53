package org.maloca.devices.virtio;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/** A split ring: descriptor table, available ring, used ring (virtio 1.2, section 2.7). */
final class SplitVirtqueue implements Virtqueue {
  private static final int FLAGS = 0;
  private static final int INDEX = 2;
  private static final int RING = 4;
  private static final int NO_INTERRUPT = 1;
  private static final int NO_NOTIFY = 1;

  private final GuestMemory memory;
  private final RingMemory table;
  private final RingMemory available;
  private final RingMemory used;
  private final int size;
  private final boolean hasEventIndex;
  private final Descriptors indirect;
  private int nextAvailable;
  private int nextUsed;
  private int signalledUsed;
  private boolean hasSignalled;

  private SplitVirtqueue(
      GuestMemory memory,
      RingMemory table,
      RingMemory available,
      RingMemory used,
      int size,
      boolean hasEventIndex) {
    this.memory = memory;
    this.table = table;
    this.available = available;
    this.used = used;
    this.size = size;
    this.hasEventIndex = hasEventIndex;
    indirect = new Descriptors(memory);
  }

  static @Nullable SplitVirtqueue open(
      GuestMemory memory, QueueRegisters registers, boolean hasEventIndex) {
    int size = registers.size;
    RingMemory table = RingMemory.at(memory, registers.descriptorsGpa, 16L * size);
    RingMemory available = RingMemory.at(memory, registers.driverGpa, 6 + 2L * size);
    RingMemory used = RingMemory.at(memory, registers.deviceGpa, 6 + 8L * size);
    if (table == null || available == null || used == null) {
      return null;
    }
    return new SplitVirtqueue(memory, table, available, used, size, hasEventIndex);
  }

  @Override
  public Popped pop(DescriptorChain chain) {
    int pending = available.load16(INDEX) - nextAvailable & 0xffff;
    if (pending == 0) {
      return Popped.EMPTY;
    }
    if (pending > size) {
      return Popped.BROKEN;
    }
    int head = available.load16(RING + 2L * (nextAvailable & size - 1));
    chain.clear();
    chain.setIdentity(head, 1);
    if (!walk(chain, head)) {
      return Popped.BROKEN;
    }
    nextAvailable = nextAvailable + 1 & 0xffff;
    return Popped.CHAIN;
  }

  private boolean walk(DescriptorChain chain, int head) {
    int index = head;
    for (int walked = 0; walked < size; walked++) {
      if (index >= size) {
        return false;
      }
      long at = (long) index * Descriptors.BYTES;
      long gpa = table.load64(at);
      int length = table.load32(at + 8);
      int tail = table.load32(at + 12);
      if ((tail & Descriptors.INDIRECT) != 0) {
        // A table ends a chain, and there is only one.
        return (tail & Descriptors.NEXT) == 0 && indirect.addSplitTable(chain, gpa, length);
      }
      if (!chain.add(memory, gpa, length & 0xffff_ffffL, (tail & Descriptors.WRITE) != 0)) {
        return false;
      }
      if ((tail & Descriptors.NEXT) == 0) {
        return true;
      }
      index = tail >>> 16;
    }
    return false;
  }

  @Override
  public void unpop(DescriptorChain chain) {
    nextAvailable = nextAvailable - 1 & 0xffff;
  }

  @Override
  public void fill(DescriptorChain chain, int written) {
    long entry = RING + 8L * (nextUsed & size - 1);
    used.store32(entry, chain.id());
    used.store32(entry + 4, written);
    nextUsed = nextUsed + 1 & 0xffff;
  }

  @Override
  public void publish() {
    used.store16(INDEX, nextUsed);
  }

  @Override
  public boolean needsInterrupt() {
    VarHandle.fullFence();
    int before = signalledUsed;
    signalledUsed = nextUsed;
    boolean isFirst = !hasSignalled;
    hasSignalled = true;
    if (!hasEventIndex) {
      return (available.load16(FLAGS) & NO_INTERRUPT) == 0;
    }
    int event = available.load16(RING + 2L * size);
    return isFirst || (nextUsed - event - 1 & 0xffff) < (nextUsed - before & 0xffff);
  }

  @Override
  public void setNotified(boolean isWanted) {
    if (hasEventIndex) {
      if (isWanted) {
        used.store16(RING + 8L * size, nextAvailable);
      }
    } else {
      used.store16(FLAGS, isWanted ? 0 : NO_NOTIFY);
    }
    if (isWanted) {
      VarHandle.fullFence();
    }
  }

  @Override
  public boolean hasNext() {
    return available.load16(INDEX) != nextAvailable;
  }

  @Override
  public void save(SnapshotWriter.Section section) {
    section.put(nextAvailable);
    section.put(nextUsed);
    section.put(signalledUsed);
    section.put(hasSignalled);
  }

  @Override
  public void restore(SnapshotReader.Section section) {
    nextAvailable = section.getInt() & 0xffff;
    nextUsed = section.getInt() & 0xffff;
    signalledUsed = section.getInt() & 0xffff;
    hasSignalled = section.getBoolean();
  }
}
