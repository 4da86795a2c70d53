package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.mmu.HostAccess;
import org.maloca.x86.statistics.RegionExit;

/** What compiled regions call for the less common parts of instructions. */
public final class RegionRuntime {
  private RegionRuntime() {}

  /** Where to go on after a handler that may have changed everything; null for the loop to find. */
  public static @Nullable Region leaveAfterHandler(Cpu cpu) {
    Region found = cpu.code.regionAtRip();
    if (found == null) {
      cpu.counters.leaveRegion(RegionExit.HANDLER);
    } else {
      cpu.counters.chained++;
    }
    return found;
  }

  /** What to throw for an instruction that the interpreter is to execute. */
  public static GuestFault interpret(Cpu cpu) {
    return cpu.fault(GuestFault.INTERPRET, 0);
  }

  /** Leaves an instruction of the most privileged level to the interpreter where it is not that. */
  private static void requireSupervisor(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw interpret(cpu);
    }
  }

  /** CLI. */
  public static void maskInterrupts(Cpu cpu) {
    requireSupervisor(cpu);
    cpu.maskInterrupts();
  }

  /** STI; events may be pending then. */
  public static void permitInterrupts(Cpu cpu) {
    requireSupervisor(cpu);
    cpu.permitInterruptsBehindNext();
  }

  /** STAC. */
  public static void setAlignmentCheck(Cpu cpu) {
    requireSupervisor(cpu);
    cpu.setAlignmentCheck(true);
  }

  /** CLAC. */
  public static void clearAlignmentCheck(Cpu cpu) {
    requireSupervisor(cpu);
    cpu.setAlignmentCheck(false);
  }

  /** SWAPGS. */
  public static void swapGs(Cpu cpu) {
    requireSupervisor(cpu);
    cpu.swapGs();
  }

  /** A near target in 64-bit code, checked. */
  public static long canonical(Cpu cpu, long target) {
    if (target << 16 >> 16 != target) {
      throw cpu.generalProtection();
    }
    return target;
  }

  /**
   * Faults as a call in 64-bit code does whose target is not canonical: the stack's fault first.
   */
  public static void checkCall(Cpu cpu, long target, long stackPointer) {
    if (target << 16 >> 16 != target) {
      cpu.mmu.probeWrite(stackPointer - 8, 8);
      throw cpu.generalProtection();
    }
  }

  /**
   * PUSHes of registers, one after the other, as {@link StackRuns#packed} has them.
   *
   * @param at offset of the first from the region's base
   */
  public static void pushRegisters(Cpu cpu, int registers, int at) {
    int count = StackRuns.count(registers);
    long pointer = cpu.rsp - 8L * count;
    long host = cpu.mmu.hostForStore(pointer, 0, 8 * count);
    if (host == 0) {
      pushOneByOne(cpu, registers, at);
      return;
    }
    for (int i = 0; i < count; i++) {
      long value = cpu.gpr(StackRuns.register(registers, i));
      HostAccess.store64(host + 8L * (count - 1 - i), value);
    }
    cpu.rsp = pointer;
  }

  private static void pushOneByOne(Cpu cpu, int registers, int at) {
    int offset = at;
    for (int i = 0; i < StackRuns.count(registers); i++) {
      int register = StackRuns.register(registers, i);
      cpu.faultOffset = offset;
      cpu.pushSlot(cpu.gpr(register));
      offset += StackRuns.bytes(register);
    }
  }

  /** POPs to registers, likewise. */
  public static void popRegisters(Cpu cpu, int registers, int at) {
    int count = StackRuns.count(registers);
    long host = cpu.mmu.hostForLoad(cpu.rsp, 0, 8 * count);
    if (host == 0) {
      popOneByOne(cpu, registers, at);
      return;
    }
    for (int i = 0; i < count; i++) {
      cpu.setGpr(StackRuns.register(registers, i), HostAccess.load64(host + 8L * i));
    }
    cpu.rsp += 8L * count;
  }

  private static void popOneByOne(Cpu cpu, int registers, int at) {
    int offset = at;
    for (int i = 0; i < StackRuns.count(registers); i++) {
      int register = StackRuns.register(registers, i);
      cpu.faultOffset = offset;
      cpu.setGpr(register, cpu.popSlot());
      offset += StackRuns.bytes(register);
    }
  }

  /** The address of 16 bytes that must be aligned, checked. */
  public static long aligned(Cpu cpu, long va) {
    if ((va & 15) != 0) {
      throw cpu.generalProtection();
    }
    return va;
  }
}
