package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.x86.Breakpoints;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.code.Block;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.statistics.RegionExit;
import org.maloca.x86.system.InterruptDelivery;
import org.maloca.x86.translate.Region;
import org.maloca.x86.translate.Translator;

/**
 * The loop of a software vCPU: looks at events, finds the block at CS:RIP, executes it, delivers
 * what it raised. Interrupts are taken between blocks, which are short.
 */
public final class Interpreter {
  private static final int WAKES_HALT = CpuEvents.INIT | CpuEvents.KICK | CpuEvents.STALE_CODE;
  private static final int WAKES_STARTUP_WAIT =
      CpuEvents.STARTUP | CpuEvents.INIT | CpuEvents.KICK | CpuEvents.STALE_CODE;
  private static final int NMI_VECTOR = 2;

  private final Cpu cpu;
  private final CodeCache code;
  private final Runnable initAction;
  private final @Nullable Translator translator;

  private @Nullable LoopObserver observer;

  /** Set by exception delivery when the third fault came. */
  private boolean shutdown;

  /** Cleared while attending when the CPU halts, waits, or has taken a step or an interrupt. */
  private boolean blocksMayRun;

  /**
   * Makes the loop of a vCPU.
   *
   * @param initAction puts the CPU into its state after INIT
   * @param translator compiles hot code; null leaves all to the interpreter
   */
  public Interpreter(
      Cpu cpu, CodeCache code, Runnable initAction, @Nullable Translator translator) {
    this.translator = translator;
    this.cpu = cpu;
    this.code = code;
    this.initAction = initAction;
  }

  /** Has the loop followed from now on. */
  public void observe(LoopObserver follower) {
    observer = follower;
  }

  /** Runs until something concerns the machine's life. */
  public VcpuExit run() {
    shutdown = false;
    cpu.events.setExecuting(true);
    try {
      while (true) {
        blocksMayRun = true;
        VcpuExit exit = cpu.events.poll() != 0 || needsAttention() ? attend() : null;
        if (exit != null) {
          return exit;
        }
        if (blocksMayRun) {
          runBlocks();
        }
        if (shutdown) {
          return VcpuExit.SHUTDOWN;
        }
      }
    } finally {
      cpu.events.setExecuting(false);
    }
  }

  private boolean needsAttention() {
    return cpu.halted || cpu.waitsForStartup;
  }

  /** Runs blocks until there is an event, or the CPU halted, or something was raised. */
  private void runBlocks() {
    Cpu cpu = this.cpu;
    CodeCache code = this.code;
    @Nullable Block last = null;
    @Nullable Block expected = null;
    int expectedMode = 0;
    try {
      do {
        Block block = last == null ? code.current() : code.after(last, expected, expectedMode);
        Region region = block.region;
        boolean isInterpreted = code.blocksToInterpret > 0;
        if (!isInterpreted && region != null && region.isMappedAt(cpu, block.regionEntryOffset)) {
          if (observer != null) {
            observer.entering(region);
          }
          runRegions(cpu, region, block.regionEntry);
          last = null;
        } else {
          if (isInterpreted) {
            code.interpreted(block);
          } else if (translator != null && (++block.executions & Translator.HOT - 1) == 0) {
            translator.request(block, cpu.linearRip(), code);
          }
          // Looked at now: what is not in the host's cache is on its way while this block runs.
          expected = block.successor;
          expectedMode = expected == null ? 0 : expected.mode;
          runBlock(cpu, block);
          if (translator != null && block.endsWithComputedJump) {
            block.noteComputedJump(cpu.rip - cpu.blockRip);
          }
          last = block;
        }
        if (observer != null) {
          observer.ran();
        }
      } while (cpu.events.poll() == 0 && !cpu.halted && !shutdown);
    } catch (GuestFault fetchFault) {
      raise(fetchFault);
    }
  }

  private void runBlock(Cpu cpu, Block block) {
    long start = cpu.rip;
    cpu.beginBlock(start, block.length);
    int i = 0;
    try {
      // One by one: they are no array, whose length would have to come from memory first.
      block.op0.execute(cpu);
      Op op = block.op1;
      if (op != null) {
        i = 1;
        op.execute(cpu);
        op = block.op2;
      }
      if (op != null) {
        i = 2;
        op.execute(cpu);
        op = block.op3;
      }
      if (op != null) {
        i = 3;
        op.execute(cpu);
        op = block.op4;
      }
      if (op != null) {
        i = 4;
        op.execute(cpu);
        op = block.op5;
      }
      if (op != null) {
        i = 5;
        op.execute(cpu);
        op = block.op6;
      }
      if (op != null) {
        i = 6;
        op.execute(cpu);
      }
      Op[] others = block.otherOps;
      if (others != null) {
        for (Op other : others) {
          i++;
          other.execute(cpu);
        }
      }
      cpu.instructions += block.count;
    } catch (GuestFault fault) {
      cpu.instructions += i;
      Insn insn = block.insns()[i];
      cpu.rip = cpu.is64() ? start + insn.offset : start + insn.offset & 0xffff_ffffL;
      fault.settle(insn);
      raise(fault);
    }
  }

  /** The CPU's state was replaced: a shutdown is over. */
  public void restart() {
    shutdown = false;
  }

  /**
   * Executes a part of what {@link #run} does: events are attended to, then at most {@code most}
   * instructions of one block are executed, or an exception is raised. External events must not be
   * posted to this CPU.
   *
   * @return false when it halts or has shut down
   */
  public boolean advance(long most) {
    if (cpu.halted || shutdown) {
      return false;
    }
    blocksMayRun = true;
    if (cpu.events.poll() != 0) {
      attend();
    }
    if (blocksMayRun) {
      try {
        Block block = code.current();
        if (block.count <= most) {
          runBlock(cpu, block);
        } else {
          runPart(block, (int) most);
        }
      } catch (GuestFault fetchFault) {
        raise(fetchFault);
      }
    }
    return !shutdown;
  }

  /** Executes the first instructions of a longer block. */
  private void runPart(Block block, int count) {
    long start = cpu.rip;
    cpu.beginBlock(start, block.length);
    int i = 0;
    try {
      do {
        block.op(i).execute(cpu);
      } while (++i < count);
    } catch (GuestFault fault) {
      fault.settle(block.insns()[i]);
      leaveAt(block, start, i);
      raise(fault);
      return;
    }
    leaveAt(block, start, i);
  }

  private void leaveAt(Block block, long start, int index) {
    cpu.instructions += index;
    long rip = start + block.insns()[index].offset;
    cpu.rip = cpu.is64() ? rip : rip & 0xffff_ffffL;
  }

  /** Runs a region and those that it leads to. */
  private void runRegions(Cpu cpu, Region first, int entry) {
    cpu.inRegion = true;
    cpu.callDepth = 0;
    cpu.awaitedReturnSlot = Cpu.NO_SLOT;
    long before = cpu.instructions;
    try {
      Region next = first.begin(cpu, entry);
      while (next != null) {
        next = next.begin(cpu, cpu.nextEntry);
      }
      cpu.inRegion = false;
      cpu.counters.leftRegions(cpu.instructions - before);
    } catch (GuestFault fault) {
      Region.settle(cpu);
      cpu.inRegion = false;
      cpu.counters.exit = exitBy(fault);
      cpu.counters.leftRegions(cpu.instructions - before);
      if (fault.nonCanonical) {
        // Whether that is #SS depends on the instruction, which faults again.
        interpretOne();
      } else {
        raise(fault);
      }
    }
  }

  private static RegionExit exitBy(GuestFault fault) {
    return switch (fault.vector) {
      case GuestFault.RESTART -> RegionExit.RESTART;
      case GuestFault.INTERPRET -> RegionExit.INTERPRET;
      default -> fault.nonCanonical ? RegionExit.INTERPRET : RegionExit.EXCEPTION;
    };
  }

  private void raise(GuestFault fault) {
    if (fault.vector == GuestFault.RESTART) {
      return;
    }
    if (fault.vector == GuestFault.INTERPRET) {
      interpretOne();
      return;
    }
    if (observer != null) {
      observer.raising(fault.vector, fault.errorCode);
    }
    if (!InterruptDelivery.raise(cpu, fault.vector, fault.errorCode)) {
      shutdown = true;
    }
  }

  // Events.

  private @Nullable VcpuExit attend() {
    blocksMayRun = false;
    code.serveRequests();
    int events = cpu.events.poll();
    if ((events & CpuEvents.KICK) != 0) {
      cpu.events.clear(CpuEvents.KICK);
      return VcpuExit.KICKED;
    }
    if ((events & CpuEvents.INIT) != 0) {
      cpu.events.clear(CpuEvents.INIT | CpuEvents.NMI);
      if (observer != null) {
        observer.initialising(initAction);
      } else {
        initAction.run();
      }
      return null;
    }
    if (cpu.waitsForStartup) {
      return awaitStartup(events);
    }
    if ((events & CpuEvents.STARTUP) != 0) {
      cpu.events.dropStartup();
    }
    if (cpu.interruptShadow) {
      cpu.interruptShadow = false;
      cpu.inShadow = true;
    } else {
      cpu.inShadow = false;
      if (deliverInterrupt(events)) {
        return shutdown ? VcpuExit.SHUTDOWN : null;
      }
    }
    if (cpu.halted) {
      halt();
      return null;
    }
    if (cpu.inShadow || (events & CpuEvents.TRAP_FLAG) != 0) {
      step();
      return shutdown ? VcpuExit.SHUTDOWN : null;
    }
    blocksMayRun = true;
    return null;
  }

  private @Nullable VcpuExit awaitStartup(int events) {
    if ((events & CpuEvents.STARTUP) == 0) {
      cpu.events.awaitAny(WAKES_STARTUP_WAIT);
      return null;
    }
    cpu.events.clear(CpuEvents.STARTUP);
    int vector = cpu.events.startupVector();
    cpu.waitsForStartup = false;
    cpu.halted = false;
    cpu.segments[Cpu.CS].selector = vector << 8;
    cpu.segments[Cpu.CS].base = (long) vector << 12;
    cpu.rip = 0;
    cpu.updateMode();
    return null;
  }

  private void halt() {
    int wakes = WAKES_HALT;
    if ((cpu.systemFlags & Flags.IF) != 0) {
      wakes |= CpuEvents.INTERRUPT;
    }
    if (!cpu.nmiBlocked) {
      wakes |= CpuEvents.NMI;
    }
    long since = System.nanoTime();
    cpu.counters.halts++;
    cpu.events.awaitAny(wakes);
    cpu.counters.haltedNanos += System.nanoTime() - since;
  }

  /** Takes an NMI or an external interrupt if one is pending and allowed; says whether it did. */
  private boolean deliverInterrupt(int events) {
    if ((events & CpuEvents.NMI) != 0 && !cpu.nmiBlocked) {
      cpu.events.clear(CpuEvents.NMI);
      if (observer != null) {
        observer.interrupting(NMI_VECTOR, true);
      }
      cpu.halted = false;
      cpu.nmiBlocked = true;
      cpu.counters.nmis++;
      shutdown |= !InterruptDelivery.interrupt(cpu, NMI_VECTOR);
      return true;
    }
    if ((events & CpuEvents.INTERRUPT) == 0) {
      return false;
    }
    if ((cpu.systemFlags & Flags.IF) == 0) {
      cpu.events.holdInterrupt();
    } else {
      int vector = cpu.bus.acknowledgeInterrupt();
      if (vector >= 0) {
        if (observer != null) {
          observer.interrupting(vector, false);
        }
        cpu.halted = false;
        cpu.counters.interrupts++;
        shutdown |= !InterruptDelivery.interrupt(cpu, vector);
        return true;
      }
    }
    return false;
  }

  /** Executes the one instruction that compiled code would not. */
  private void interpretOne() {
    try {
      runBlock(cpu, code.single());
    } catch (GuestFault fetchFault) {
      raise(fetchFault);
    }
  }

  // Single steps.

  /**
   * Executes one instruction with everything that a debugger in the guest may see: execution
   * breakpoints before it, data breakpoints and the trap flag after it.
   */
  private void step() {
    boolean traps = (cpu.systemFlags & Flags.TF) != 0;
    boolean watches = cpu.breakpoints.anyEnabled();
    if (!traps && !watches) {
      cpu.events.clear(CpuEvents.TRAP_FLAG);
    }
    if (watches && (cpu.systemFlags & Flags.RF) == 0) {
      long linear = cpu.linearRip();
      long met = cpu.breakpoints.atInstruction(linear);
      if (met != 0 && !cpu.inShadow) {
        debugException(met);
        return;
      }
    }
    cpu.breakpoints.takeMet();
    Block block;
    try {
      block = code.single();
    } catch (GuestFault fetchFault) {
      raise(fetchFault);
      return;
    }
    Insn insn = block.insns()[0];
    long count = cpu.rcx;
    boolean completed = executeSingle(block);
    boolean iterated = !completed && stopsAfterIteration(insn, count);
    if (completed || iterated) {
      long met = cpu.breakpoints.takeMet();
      if (traps && !entersHandler(insn)) {
        met |= Breakpoints.DR6_BS;
      }
      if (met != 0 && iterated) {
        cpu.systemFlags |= Flags.RF;
      }
      // MOV SS and POP SS hold debug traps off together with interrupts.
      if (met != 0 && !cpu.interruptShadow) {
        debugException(met);
      }
    }
  }

  /** A repeated string instruction traps after each iteration (Intel SDM vol. 3, 19.3.1.4). */
  private boolean stopsAfterIteration(Insn insn, long countBefore) {
    return cpu.fault.vector == GuestFault.RESTART
        && insn.repeat != Insn.REPEAT_NONE
        && cpu.rcx != countBefore;
  }

  /** A software interrupt that was taken cleared TF and with it the trap that was due. */
  private boolean entersHandler(Insn insn) {
    return switch (insn.operation) {
      case INT, INT3, INT1, INTO -> (cpu.systemFlags & Flags.TF) == 0;
      default -> false;
    };
  }

  /** Returns whether the instruction completed. */
  private boolean executeSingle(Block block) {
    long start = cpu.rip;
    cpu.beginBlock(start, block.length);
    Insn insn = block.insns()[0];
    boolean resumeFlag = (cpu.systemFlags & Flags.RF) != 0;
    try {
      for (int i = 0; block.hasOp(i); i++) {
        block.op(i).execute(cpu);
      }
      cpu.instructions++;
      if (resumeFlag && insn.operation != org.maloca.x86.ir.Operation.IRET) {
        cpu.systemFlags &= ~Flags.RF;
      }
      return true;
    } catch (GuestFault fault) {
      cpu.rip = start;
      fault.settle(insn);
      raise(fault);
      return false;
    }
  }

  private void debugException(long dr6) {
    cpu.dr[6] = cpu.dr[6] & ~0xfL | dr6;
    cpu.dr[7] &= ~Breakpoints.DR7_GD;
    if (observer != null) {
      observer.raising(GuestFault.DB, 0);
    }
    shutdown |= !InterruptDelivery.raise(cpu, GuestFault.DB, 0);
  }
}
