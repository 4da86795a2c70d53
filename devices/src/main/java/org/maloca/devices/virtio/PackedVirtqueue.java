package org.maloca.devices.virtio;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/** A packed ring: descriptors that driver and device both write (virtio 1.2, section 2.8). */
final class PackedVirtqueue implements Virtqueue {
  private static final int AVAIL = 1 << 7;
  private static final int USED = 1 << 15;
  private static final int EVENT_FLAGS = 2;
  private static final int EVENT_ENABLE = 0;
  private static final int EVENT_DISABLE = 1;
  private static final int EVENT_DESCRIPTOR = 2;

  private final GuestMemory memory;
  private final RingMemory ring;
  private final RingMemory driverEvent;
  private final RingMemory deviceEvent;
  private final int size;
  private final boolean hasEventIndex;
  private final Descriptors indirect;
  private int nextAvailable;
  private boolean availableWrap = true;
  private int nextUsed;
  private boolean usedWrap = true;

  /** Where the first descriptor lies that was given back and not shown yet; -1 for none. */
  private long firstFilled = -1;

  private int firstFlags;

  /** Descriptors given back since the driver was last asked whether it wants to hear. */
  private int unsignalled;

  private PackedVirtqueue(
      GuestMemory memory,
      RingMemory ring,
      RingMemory driverEvent,
      RingMemory deviceEvent,
      int size,
      boolean hasEventIndex) {
    this.memory = memory;
    this.ring = ring;
    this.driverEvent = driverEvent;
    this.deviceEvent = deviceEvent;
    this.size = size;
    this.hasEventIndex = hasEventIndex;
    indirect = new Descriptors(memory);
  }

  static @Nullable PackedVirtqueue open(
      GuestMemory memory, QueueRegisters registers, boolean hasEventIndex) {
    RingMemory ring = RingMemory.at(memory, registers.descriptorsGpa, 16L * registers.size);
    RingMemory driverEvent = RingMemory.at(memory, registers.driverGpa, 4);
    RingMemory deviceEvent = RingMemory.at(memory, registers.deviceGpa, 4);
    if (ring == null || driverEvent == null || deviceEvent == null) {
      return null;
    }
    return new PackedVirtqueue(
        memory, ring, driverEvent, deviceEvent, registers.size, hasEventIndex);
  }

  private boolean isAvailable(int flags) {
    return ((flags & AVAIL) != 0) == availableWrap && ((flags & USED) != 0) != availableWrap;
  }

  @Override
  public Popped pop(DescriptorChain chain) {
    if (!hasNext()) {
      return Popped.EMPTY;
    }
    chain.clear();
    int index = nextAvailable;
    for (int count = 1; count <= size; count++) {
      long at = (long) index * Descriptors.BYTES;
      long gpa = ring.load64(at);
      int length = ring.load32(at + 8);
      int tail = ring.load32(at + 12);
      int flags = tail >>> 16;
      boolean hasMore = (flags & Descriptors.NEXT) != 0;
      boolean isGood =
          (flags & Descriptors.INDIRECT) != 0
              ? !hasMore && count == 1 && indirect.addPackedTable(chain, gpa, length)
              : chain.add(memory, gpa, length & 0xffff_ffffL, (flags & Descriptors.WRITE) != 0);
      if (!isGood) {
        return Popped.BROKEN;
      }
      if (!hasMore) {
        chain.setIdentity(tail & 0xffff, count);
        advanceAvailable(count);
        return Popped.CHAIN;
      }
      index = index + 1 == size ? 0 : index + 1;
    }
    return Popped.BROKEN;
  }

  private void advanceAvailable(int count) {
    nextAvailable += count;
    if (nextAvailable >= size) {
      nextAvailable -= size;
      availableWrap = !availableWrap;
    }
  }

  @Override
  public void unpop(DescriptorChain chain) {
    nextAvailable -= chain.descriptors();
    if (nextAvailable < 0) {
      nextAvailable += size;
      availableWrap = !availableWrap;
    }
  }

  @Override
  public void fill(DescriptorChain chain, int written) {
    long at = (long) nextUsed * Descriptors.BYTES;
    ring.store32(at + 8, written);
    int flags = (usedWrap ? AVAIL | USED : 0) | (written > 0 ? Descriptors.WRITE : 0);
    ring.store16(at + 12, chain.id());
    if (firstFilled < 0) {
      // The driver goes from one to the next, so that the first one hides the others.
      firstFilled = at;
      firstFlags = flags;
    } else {
      ring.store16(at + 14, flags);
    }
    nextUsed += chain.descriptors();
    if (nextUsed >= size) {
      nextUsed -= size;
      usedWrap = !usedWrap;
    }
    unsignalled += chain.descriptors();
  }

  @Override
  public void publish() {
    if (firstFilled >= 0) {
      ring.store16(firstFilled + 14, firstFlags);
      firstFilled = -1;
    }
  }

  @Override
  public boolean needsInterrupt() {
    VarHandle.fullFence();
    int given = unsignalled;
    unsignalled = 0;
    int event = driverEvent.load32(0);
    int flags = event >>> 16 & 3;
    if (flags != EVENT_DESCRIPTOR || !hasEventIndex) {
      return flags != EVENT_DISABLE;
    }
    int wanted = event & 0x7fff;
    // Counted backwards from the ring's next place, over one wrap if the wrap counters differ.
    int behind = nextUsed - wanted;
    if (((event & 0x8000) != 0) != usedWrap) {
      behind += size;
    }
    return behind > 0 && behind <= given;
  }

  @Override
  public void setNotified(boolean isWanted) {
    if (!isWanted) {
      deviceEvent.store16(EVENT_FLAGS, EVENT_DISABLE);
    } else if (hasEventIndex) {
      deviceEvent.store16(0, nextAvailable | (availableWrap ? 0x8000 : 0));
      deviceEvent.store16(EVENT_FLAGS, EVENT_DESCRIPTOR);
    } else {
      deviceEvent.store16(EVENT_FLAGS, EVENT_ENABLE);
    }
    if (isWanted) {
      VarHandle.fullFence();
    }
  }

  @Override
  public boolean hasNext() {
    return isAvailable(ring.load16((long) nextAvailable * Descriptors.BYTES + 14));
  }

  @Override
  public void save(SnapshotWriter.Section section) {
    section.put(nextAvailable);
    section.put(availableWrap);
    section.put(nextUsed);
    section.put(usedWrap);
    section.put(unsignalled);
  }

  @Override
  public void restore(SnapshotReader.Section section) {
    nextAvailable = Math.floorMod(section.getInt(), size);
    availableWrap = section.getBoolean();
    nextUsed = Math.floorMod(section.getInt(), size);
    usedWrap = section.getBoolean();
    unsignalled = section.getInt();
  }
}
