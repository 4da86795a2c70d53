package org.maloca.devices.virtio;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/**
 * A part of a ring in guest RAM. Loads are acquire, stores release; offsets are in bytes and within
 * the part, which the rings see to. Not thread-safe beside that.
 */
final class RingMemory {
  private final GuestMemory memory;
  private final long gpa;
  private final long host;

  private RingMemory(GuestMemory memory, long gpa, long host) {
    this.memory = memory;
    this.gpa = gpa;
    this.host = host;
  }

  /** Finds a part of a ring; null when it is not in one piece of RAM. */
  static @Nullable RingMemory at(GuestMemory memory, long gpa, long bytes) {
    IoVector pieces = new IoVector();
    if (!memory.map(gpa, bytes, pieces) || pieces.count() != 1) {
      return null;
    }
    return new RingMemory(memory, gpa, pieces.address(0));
  }

  int load16(long offset) {
    int value = HostMemory.getShort(host + offset) & 0xffff;
    VarHandle.acquireFence();
    return value;
  }

  int load32(long offset) {
    int value = HostMemory.getInt(host + offset);
    VarHandle.acquireFence();
    return value;
  }

  long load64(long offset) {
    long value = HostMemory.getLong(host + offset);
    VarHandle.acquireFence();
    return value;
  }

  void store16(long offset, int value) {
    VarHandle.releaseFence();
    HostMemory.putShort(host + offset, (short) value);
    memory.written(gpa + offset, 2);
  }

  void store32(long offset, int value) {
    VarHandle.releaseFence();
    HostMemory.putInt(host + offset, value);
    memory.written(gpa + offset, 4);
  }
}
