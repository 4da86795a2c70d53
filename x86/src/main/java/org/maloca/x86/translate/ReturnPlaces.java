package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;

/**
 * Where functions that compiled code called will return to: regions and their entries, by where on
 * the guest's stack the return address is. A function returns to code that ran a moment ago, so
 * that what is asked here is in the host's nearest cache, other than the tables that know every
 * place. It is only a guess: whether the region may be entered is checked as for any other way.
 */
public final class ReturnPlaces {
  /** Two kilobytes of stack in 64-bit code. */
  private static final int PLACES = 256;

  private static final int SLOT_SHIFT = 3;

  private final @Nullable Region[] regions = new Region[PLACES];
  private final long[] landings = new long[PLACES];

  private static int indexOf(Cpu cpu) {
    return (int) (cpu.rsp >>> SLOT_SHIFT) & PLACES - 1;
  }

  /** A region is about to push a return address and to leave for a function. */
  public static void note(Cpu cpu, Region caller, long landing) {
    ReturnPlaces places = cpu.returnPlaces;
    int index = indexOf(cpu);
    places.regions[index] = caller;
    places.landings[index] = landing;
  }

  /**
   * The region that the function which just returned was called from, with the entry in {@link
   * Cpu#nextEntry}, if that can be entered at RIP; null else.
   */
  public static @Nullable Region find(Cpu cpu) {
    ReturnPlaces places = cpu.returnPlaces;
    int index = indexOf(cpu);
    Region caller = places.regions[index];
    if (caller == null) {
      return null;
    }
    long landing = places.landings[index];
    if (Landing.mode(landing) != cpu.mode
        || !caller.isKnownToBeMappedAt(cpu, Landing.entryOffset(landing))) {
      return null;
    }
    cpu.nextEntry = Landing.entry(landing);
    return caller;
  }
}
