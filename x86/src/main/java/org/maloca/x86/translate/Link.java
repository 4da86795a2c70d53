package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;

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
    }
    return found;
  }

  /**
   * Runs a guest's function by a call of the JVM's: returns true when it has returned to {@code
   * returnRip} and the caller may go on there. Otherwise the caller leaves to the loop, which goes
   * on at {@link Cpu#rip}; no guest state lives in the JVM's frames.
   */
  public boolean call(Cpu cpu, Region caller, long returnRip) {
    if (cpu.callDepth >= MAX_DEPTH) {
      return false;
    }
    Region region = follow(cpu);
    return region != null && run(cpu, region, caller, returnRip);
  }

  /** The same for a function whose address was computed; {@link Cpu#rip} has it. */
  static boolean callIndirect(Cpu cpu, Region caller, long returnRip) {
    if (cpu.callDepth >= MAX_DEPTH) {
      return false;
    }
    Region region = cpu.code.regionAtRip();
    return region != null && run(cpu, region, caller, returnRip);
  }

  private static boolean run(Cpu cpu, Region callee, Region caller, long returnRip) {
    int mode = cpu.mode;
    long generation = cpu.fetchStamps.generation(returnRip);
    cpu.callDepth++;
    Region region = callee;
    do {
      Region next = region.run(cpu, cpu.nextEntry);
      if (cpu.rip == returnRip) {
        break;
      }
      region = next != null ? next : cpu.code.regionAtRip();
    } while (region != null);
    cpu.callDepth--;
    return cpu.rip == returnRip
        && cpu.events.poll() == 0
        && cpu.mode == mode
        && cpu.fetchStamps.generation(returnRip) == generation
        && caller.valid
        && !cpu.halted;
  }
}
