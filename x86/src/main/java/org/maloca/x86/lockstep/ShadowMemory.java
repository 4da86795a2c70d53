package org.maloca.x86.lockstep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;

/** The following CPU's memory: RAM and ROM of its own, laid out as the machine's are. */
final class ShadowMemory implements AutoCloseable {
  private static final int PAGE_BYTES = 0x1000;

  private final RamBlock ram;
  private final long leaderRam;
  private final int pages;
  private final GuestMemory memory;

  /** Pages that may hold something else than zeros. */
  private final BitSet used = new BitSet();

  /**
   * @param machine the machine's memory
   * @param pages of RAM and ROM
   * @throws IOException when the host cannot give as much once more
   */
  ShadowMemory(GuestMemory machine, int pages) throws IOException {
    this.pages = pages;
    ram = RamBlock.allocate((long) pages * PAGE_BYTES);
    leaderRam = ramAddress(machine.map());
    memory = new GuestMemory(own(machine.map()), pages);
  }

  private static long ramAddress(MemoryMap map) {
    for (MemoryRegion region : map.regions()) {
      if (region instanceof MemoryRegion.Ram block) {
        return block.hostAddress() - block.ramOffset();
      }
    }
    throw new IllegalArgumentException("a machine without RAM");
  }

  private MemoryMap own(MemoryMap map) {
    List<MemoryRegion> regions = new ArrayList<>();
    for (MemoryRegion region : map.regions()) {
      regions.add(
          switch (region) {
            case MemoryRegion.Ram r ->
                new MemoryRegion.Ram(r.gpa(), r.size(), address(r.ramOffset()), r.ramOffset());
            case MemoryRegion.Rom r ->
                new MemoryRegion.Rom(r.gpa(), r.size(), address(r.ramOffset()), r.ramOffset());
            case MemoryRegion.Mmio device -> device;
          });
    }
    return MemoryMap.of(regions);
  }

  private long address(long ramOffset) {
    return ram.hostAddress() + ramOffset;
  }

  GuestMemory memory() {
    return memory;
  }

  /** Host address of the machine's RAM. */
  long leaderRam() {
    return leaderRam;
  }

  /** Host address of this RAM. */
  long followerRam() {
    return ram.hostAddress();
  }

  /** Lays the memory out anew, as the machine's has been. */
  void follow(MemoryMap map) {
    memory.update(old -> own(map));
  }

  void noteStored(long ramOffset) {
    used.set((int) (ramOffset / PAGE_BYTES));
  }

  /** Makes all of it equal to the machine's. */
  void copyAll() {
    for (int page = 0; page < pages; page++) {
      long from = leaderRam + (long) page * PAGE_BYTES;
      if (!isZero(from)) {
        HostMemory.copy(from, address((long) page * PAGE_BYTES), PAGE_BYTES);
        used.set(page);
      } else if (used.get(page)) {
        HostMemory.fill(address((long) page * PAGE_BYTES), PAGE_BYTES, (byte) 0);
      }
    }
  }

  private static boolean isZero(long host) {
    for (int at = 0; at < PAGE_BYTES; at += 8) {
      if (HostMemory.getLong(host + at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Where a page that was ever used differs from the machine's, as an offset in RAM; or -1. */
  long firstDifference() {
    for (int page = used.nextSetBit(0); page >= 0; page = used.nextSetBit(page + 1)) {
      long offset = (long) page * PAGE_BYTES;
      for (int at = 0; at < PAGE_BYTES; at += 8) {
        if (HostMemory.getLong(leaderRam + offset + at)
            != HostMemory.getLong(address(offset + at))) {
          return offset + at;
        }
      }
    }
    return -1;
  }

  /** Eight bytes of the machine's RAM and of this one, for people. */
  String compared(long ramOffset) {
    return "RAM at %#x: leading %016x, following %016x"
        .formatted(
            ramOffset,
            HostMemory.getLong(leaderRam + ramOffset),
            HostMemory.getLong(address(ramOffset)));
  }

  @Override
  public void close() {
    ram.close();
  }
}
