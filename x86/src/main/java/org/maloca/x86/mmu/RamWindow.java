package org.maloca.x86.mmu;

import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;

/**
 * Remembers the regions of RAM that were asked for last, one below and one above 4 GiB, so that
 * nearly every look-up in the memory map is a compare. For one thread.
 */
final class RamWindow {
  private final GuestMemory memory;
  private final long[] first = new long[2];
  private final long[] size = new long[2];

  /** Host addresses, and offsets in RAM, less guest-physical addresses. */
  private final long[] toHost = new long[2];

  private final long[] toRam = new long[2];
  private MemoryMap map = MemoryMap.EMPTY;

  RamWindow(GuestMemory memory) {
    this.memory = memory;
  }

  /** The host address of a byte of RAM; 0 for what is no RAM. */
  long host(long gpa) {
    int half = half(gpa);
    if (gpa - first[half] >= 0 && gpa - first[half] < size[half] && map == memory.map()) {
      return gpa + toHost[half];
    }
    return find(gpa, half) ? gpa + toHost[half] : 0;
  }

  /** The offset in RAM of a byte that {@link #host} has found. */
  long ramOffset(long gpa) {
    return gpa + toRam[half(gpa)];
  }

  /** Whether the whole page of a byte that {@link #host} has found is RAM. */
  boolean holdsPage(long gpa) {
    int half = half(gpa);
    long inRegion = (gpa & ~0xfffL) - first[half];
    return inRegion >= 0 && inRegion + 0x1000 <= size[half];
  }

  private static int half(long gpa) {
    return gpa >>> 32 == 0 ? 0 : 1;
  }

  private boolean find(long gpa, int half) {
    MemoryMap now = memory.map();
    if (now != map) {
      map = now;
      size[0] = 0;
      size[1] = 0;
    }
    if (!(now.find(gpa) instanceof MemoryRegion.Ram ram)) {
      return false;
    }
    first[half] = ram.gpa();
    size[half] = ram.size();
    toHost[half] = ram.hostAddress() - ram.gpa();
    toRam[half] = ram.ramOffset() - ram.gpa();
    return true;
  }
}
