package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.statistics.RegionExit;
import org.maloca.x86.statistics.VcpuCounters;

/**
 * One way out of a region to a fixed place, and the region that was found there. All of it is the
 * vCPU's own; a link of a region that was dropped is cut.
 */
public final class Link {
  /** Nested calls, so that a guest's recursion does not use up the thread's stack. */
  private static final int MAX_DEPTH = 200;

  private @Nullable Region target;
  private int entry;

  Link() {}

  private void connect(Region region, int entry) {
    cut();
    target = region;
    this.entry = entry;
    region.incoming.add(this);
  }

  /** Goes nowhere from now on. */
  void cut() {
    Region old = target;
    if (old != null) {
      target = null;
      old.incoming.remove(this);
    }
  }

  /** The region was dropped, which forgets its links itself. */
  void targetDropped() {
    target = null;
  }

  /**
   * The region to run next, after CPU state was written back; null when events are pending or none
   * is there.
   */
  public @Nullable Region follow(Cpu cpu) {
    Region region = target;
    if (region != null && cpu.events.poll() == 0 && region.isMappedAt(cpu, entry)) {
      cpu.nextEntry = entry;
      return region;
    }
    return search(cpu);
  }

  private @Nullable Region search(Cpu cpu) {
    Region found = cpu.code.regionAtRip();
    if (found != null) {
      connect(found, cpu.nextEntry);
      cpu.counters.linksConnected++;
    } else {
      cpu.counters.leaveRegion(RegionExit.NO_REGION);
    }
    return found;
  }

  /**
   * Runs a guest's function by a call of the JVM's: returns true when it has returned to {@code
   * returnRip} and the caller may go on there. Otherwise the caller leaves to the loop, which goes
   * on at {@link Cpu#rip}; no guest state lives in the JVM's frames.
   */
  public boolean call(Cpu cpu, Region caller, long returnRip) {
    if (isTooDeep(cpu)) {
      return false;
    }
    Region region = follow(cpu);
    return region != null && run(cpu, region, caller, returnRip);
  }

  /** The same for a function whose address was computed; {@link Cpu#rip} has it. */
  public static boolean callComputed(Cpu cpu, Region caller, long returnRip) {
    if (isTooDeep(cpu)) {
      return false;
    }
    Region region = cpu.code.regionAtRip();
    if (region == null) {
      cpu.counters.leaveRegion(RegionExit.NO_COMPUTED_REGION);
    }
    return region != null && run(cpu, region, caller, returnRip);
  }

  private static boolean isTooDeep(Cpu cpu) {
    if (cpu.callDepth < MAX_DEPTH) {
      return false;
    }
    cpu.counters.leaveRegion(RegionExit.CALL_DEPTH);
    return true;
  }

  private static boolean run(Cpu cpu, Region callee, Region caller, long returnRip) {
    int mode = cpu.mode;
    long generation = cpu.fetchStamps.generation(returnRip);
    cpu.callDepth++;
    Region region = callee;
    int chained = -1;
    do {
      chained++;
      Region next = runSettled(cpu, region);
      if (cpu.rip == returnRip) {
        break;
      }
      region = next != null ? next : goOn(cpu);
    } while (region != null);
    cpu.callDepth--;
    VcpuCounters counters = cpu.counters;
    counters.nestedCalls++;
    counters.chained += chained;
    if (cpu.rip == returnRip
        && cpu.events.poll() == 0
        && cpu.mode == mode
        && cpu.fetchStamps.generation(returnRip) == generation
        && caller.valid
        && !cpu.halted) {
      return true;
    }
    counters.callUnwound(cpu.events.poll() != 0);
    return false;
  }

  /** The calling region knows nothing of this one, so its faults leave with exact state. */
  private static @Nullable Region runSettled(Cpu cpu, Region region) {
    int entry = cpu.nextEntry;
    try {
      return region.run(cpu, entry);
    } catch (GuestFault fault) {
      region.settle(cpu, entry);
      throw fault;
    }
  }

  /** Where a callee goes on that gave control back without having returned. */
  private static @Nullable Region goOn(Cpu cpu) {
    Region found = cpu.code.regionAtRip();
    if (found != null) {
      cpu.counters.exit = RegionExit.RETURN;
    }
    return found;
  }
}
