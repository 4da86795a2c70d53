package org.maloca.x86.fpu;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * The steps that x87 instructions are made of: start, stack checks, rounding up what an operation
 * raised, writing results, pops (Intel SDM vol. 1, 8.5 and 8.6).
 */
public final class X87Unit {
  /** Exceptions that stop an operation before it has a result. */
  private static final int PRE_COMPUTATION = FloatEnv.IE | FloatEnv.DE | FloatEnv.ZE;

  private X87Unit() {}

  /** Starts a waiting, non-control instruction: #NM, #MF; clears the raised flags. */
  public static X87State begin(Cpu cpu) {
    X87State x87 = check(cpu);
    clearRaised(x87);
    return x87;
  }

  /** Starts an instruction that clears the raised flags if it turns out not to be common. */
  static X87State check(Cpu cpu) {
    X87State x87 = cpu.x87;
    x87.checkAvailable(cpu);
    x87.checkPending(cpu);
    return x87;
  }

  static void clearRaised(X87State x87) {
    x87.env.flags = 0;
    x87.env.roundedUp = false;
  }

  /** FWAIT: #NM where CR0.MP asks for it, and #MF. */
  public static void await(Cpu cpu) {
    long both = ControlRegisters.CR0_MP | ControlRegisters.CR0_TS;
    if ((cpu.cr0 & both) == both) {
      throw cpu.fault(GuestFault.NM, 0);
    }
    cpu.x87.checkPending(cpu);
  }

  /** FNSTCW and FNSTSW: #NM only. */
  public static X87State beginControl(Cpu cpu) {
    cpu.x87.checkAvailable(cpu);
    return cpu.x87;
  }

  /** Remembers the instruction for an exception handler; after its memory operand was read. */
  static void note(Cpu cpu, Insn insn) {
    note(cpu, opcode(insn), cpu.ripOf(insn));
    if (insn.hasMemory()) {
      noteData(cpu, cpu.effectiveOffset(insn), insn.segment);
    }
  }

  /** The 11 bits of an x87 instruction's opcode. */
  public static int opcode(Insn insn) {
    return (insn.opcode & 7) << 8 | insn.modrm & 0xff;
  }

  /** Remembers the instruction that was executed. */
  public static void note(Cpu cpu, int opcode, long rip) {
    X87State x87 = cpu.x87;
    x87.lastOpcode = opcode;
    x87.lastInstruction = rip;
    x87.lastInstructionSelector = cpu.segments[Cpu.CS].selector;
  }

  /** Remembers the instruction that was executed, and its memory operand. */
  public static void note(Cpu cpu, int opcode, long rip, long offset, int segment) {
    note(cpu, opcode, rip);
    noteData(cpu, offset, segment);
  }

  /**
   * Remembers the last of several instructions and the last memory operand.
   *
   * @param opcode -1 when there was no instruction
   * @param segment -1 when there was no memory operand
   */
  public static void noteLast(Cpu cpu, int opcode, long rip, long offset, int segment) {
    if (opcode >= 0) {
      note(cpu, opcode, rip);
    }
    if (segment >= 0) {
      noteData(cpu, offset, segment);
    }
  }

  private static void noteData(Cpu cpu, long offset, int segment) {
    X87State x87 = cpu.x87;
    x87.lastData = offset;
    x87.lastDataSelector = cpu.segments[segment].selector;
  }

  static void setC1(X87State x87, boolean value) {
    x87.status = value ? x87.status | X87State.C1 : x87.status & ~X87State.C1;
  }

  /**
   * Merges what the operation raised.
   *
   * @return true when an unmasked exception forbids a result
   */
  static boolean merge(X87State x87) {
    FloatEnv env = x87.env;
    boolean stopped = (env.unmasked() & PRE_COMPUTATION) != 0;
    if (stopped) {
      // A memory operand's exception was met before the computation, which did not happen.
      env.flags &= PRE_COMPUTATION;
      env.roundedUp = false;
    }
    x87.status |= env.flags & FloatEnv.ALL_EXCEPTIONS;
    setC1(x87, env.roundedUp);
    x87.updateErrorSummary();
    return stopped;
  }

  /** Whether what an operation raised forbids its store to memory, where OE and UE stop it too. */
  static boolean stopsStore(X87State x87) {
    return (x87.env.unmasked() & (PRE_COMPUTATION | FloatEnv.OE | FloatEnv.UE)) != 0;
  }

  /**
   * Raises a stack fault.
   *
   * @param overflow a push met a register in use; else a source was empty
   * @return true when it is masked, so that the indefinite value is to be used
   */
  static boolean stackFault(X87State x87, boolean overflow) {
    x87.status |= FloatEnv.IE | X87State.STACK_FAULT;
    setC1(x87, overflow);
    x87.updateErrorSummary();
    return (x87.control & FloatEnv.IE) != 0;
  }

  static void write(X87State x87, int i, int signExponent, long mantissa) {
    int register = x87.physical(i);
    x87.signExponent[register] = signExponent & 0xffff;
    x87.mantissa[register] = mantissa;
    x87.emptyMask &= ~(1 << register);
  }

  static void writeIndefinite(X87State x87, int i) {
    write(x87, i, Float80.INDEFINITE_SIGN_EXP, Float80.INDEFINITE_MANTISSA);
  }

  /** Writes the operation's result to ST(i). */
  static void writeResult(X87State x87, int i) {
    write(x87, i, x87.env.signExp, x87.env.mantissa);
  }

  static void pop(X87State x87, int times) {
    for (int n = 0; n < times; n++) {
      x87.emptyMask |= 1 << x87.top;
      x87.top = x87.top + 1 & 7;
    }
  }

  /** Pushes, or answers a full stack as hardware does. */
  static void push(X87State x87, int signExponent, long mantissa) {
    if (!x87.isEmpty(7)) {
      if (stackFault(x87, true)) {
        x87.top = x87.top - 1 & 7;
        writeIndefinite(x87, 0);
      }
      return;
    }
    x87.top = x87.top - 1 & 7;
    write(x87, 0, signExponent, mantissa);
  }

  static int signExponent(X87State x87, int i) {
    return x87.signExponent[x87.physical(i)];
  }

  static long mantissa(X87State x87, int i) {
    return x87.mantissa[x87.physical(i)];
  }

  /** Faults as a load or a store of {@code bytes} does, without doing it. */
  static void probe(Cpu cpu, long va, int bytes, boolean write) {
    if (write) {
      cpu.mmu.probeWrite(va, bytes);
    } else {
      cpu.mmu.probeRead(va, bytes);
    }
  }

  // Memory operands of ten bytes.

  static long address80(Cpu cpu, Insn insn, boolean write) {
    long va = cpu.linear(insn, 10, write);
    if (write) {
      cpu.mmu.probeWrite(va, 10);
    }
    return va;
  }

  static long second(Cpu cpu, long va, int distance) {
    return cpu.is64() ? va + distance : va + distance & 0xffff_ffffL;
  }

  static void store80(Cpu cpu, long va, int high, long low) {
    cpu.mmu.store64(va, low);
    cpu.mmu.store16(second(cpu, va, 8), high);
  }

  static boolean fromMemory(Insn insn, int operand) {
    return insn.kind(operand) == OperandKind.MEMORY;
  }
}
