package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.statistics.RegionExit;
import org.maloca.x86.statistics.VcpuCounters;

/**
 * A guest's function that compiled code runs by a call of the JVM's. No guest state lives in the
 * JVM's frames: when the function does not come back to where it was called from, the caller leaves
 * to the loop, which goes on at {@link Cpu#rip}.
 */
public final class GuestCall {
  /** Nested calls, so that a guest's recursion does not use up the thread's stack. */
  private static final int MAX_DEPTH = 200;

  private GuestCall() {}

  /**
   * Runs the function that a link of the caller leads to: returns true when it has returned to
   * {@code returnRip} and the caller may go on there. Else the caller is left for {@link
   * Cpu#onward}.
   */
  public static boolean call(Cpu cpu, Region caller, int link, long returnRip) {
    Region region = caller.follow(cpu, link);
    if (region == null || caller.leadsBack(link) || isTooDeep(cpu)) {
      return leaveFor(cpu, region);
    }
    return run(cpu, region, caller, returnRip);
  }

  /** The same for a function whose address was computed; {@link Cpu#rip} has it. */
  public static boolean callComputed(Cpu cpu, Region caller, long returnRip) {
    Region region = cpu.code.regionAtRip();
    if (region == null) {
      cpu.counters.leaveRegion(RegionExit.NO_COMPUTED_REGION);
    }
    if (region == null || isTooDeep(cpu)) {
      return leaveFor(cpu, region);
    }
    return run(cpu, region, caller, returnRip);
  }

  private static boolean leaveFor(Cpu cpu, @Nullable Region region) {
    if (region != null) {
      cpu.counters.chained++;
    }
    cpu.onward = region;
    return false;
  }

  private static boolean isTooDeep(Cpu cpu) {
    return cpu.callDepth >= MAX_DEPTH;
  }

  private static boolean run(Cpu cpu, Region callee, Region caller, long returnRip) {
    int mode = cpu.mode;
    long generation = cpu.fetchStamps.generation(returnRip);
    long outerSlot = cpu.awaitedReturnSlot;
    cpu.awaitedReturnSlot = cpu.rsp;
    cpu.callDepth++;
    Region region = callee;
    do {
      Region next = runSettled(cpu, region);
      if (cpu.rip == returnRip) {
        break;
      }
      region = next != null ? next : goOn(cpu);
    } while (region != null);
    cpu.callDepth--;
    cpu.awaitedReturnSlot = outerSlot;
    VcpuCounters counters = cpu.counters;
    counters.nestedCalls++;
    if (cpu.rip == returnRip
        && cpu.events.poll() == 0
        && cpu.mode == mode
        && cpu.fetchStamps.generation(returnRip) == generation
        && caller.valid
        && !cpu.halted) {
      return true;
    }
    counters.callUnwound(cpu.events.poll() != 0);
    cpu.onward = null;
    return false;
  }

  /** The calling region knows nothing of these, so their faults leave with exact state. */
  private static @Nullable Region runSettled(Cpu cpu, Region region) {
    try {
      return region.begin(cpu, cpu.nextEntry);
    } catch (GuestFault fault) {
      Region.settle(cpu);
      throw fault;
    }
  }

  /** Where a callee goes on that gave control back without having returned. */
  private static @Nullable Region goOn(Cpu cpu) {
    Region found = cpu.code.regionAtRip();
    if (found != null) {
      cpu.counters.chained++;
      cpu.counters.exit = RegionExit.RETURN;
    }
    return found;
  }
}
