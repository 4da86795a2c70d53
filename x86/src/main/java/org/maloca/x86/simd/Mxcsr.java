package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.FloatEnv;

/** The MXCSR register (Intel SDM vol. 1, 10.2.3), which lives as {@link Cpu#sse}. */
public final class Mxcsr {
  /** Value at power-on: everything masked, round to nearest. */
  public static final int RESET = 0x1f80;

  /** MXCSR_MASK: the bits that may be set; others are #GP(0) where they are loaded. */
  public static final int MASK = 0xffff;

  private static final int DENORMALS_ARE_ZERO = 1 << 6;
  private static final int EXCEPTION_MASKS_SHIFT = 7;
  private static final int ROUNDING_SHIFT = 13;
  private static final int FLUSH_TO_ZERO = 1 << 15;

  private static final long FINITE_SINGLES_GUARD = 0x0080_0000_0080_0000L;
  private static final long NO_SINGLES_GUARD = 0x8000_0000_8000_0000L;

  private Mxcsr() {}

  static void register(HandlerTable table) {
    table.put(Operation.LDMXCSR, Mxcsr::ldmxcsr);
    table.put(Operation.STMXCSR, Mxcsr::stmxcsr);
  }

  /** The register's value. */
  public static int get(Cpu cpu) {
    FloatEnv env = cpu.sse;
    return env.flags & FloatEnv.ALL_EXCEPTIONS
        | (env.denormalsAreZero ? DENORMALS_ARE_ZERO : 0)
        | env.maskedExceptions << EXCEPTION_MASKS_SHIFT
        | env.rounding << ROUNDING_SHIFT
        | (env.flushToZero ? FLUSH_TO_ZERO : 0);
  }

  /** Replaces the register; bits outside {@link #MASK} are ignored. */
  public static void set(Cpu cpu, int value) {
    FloatEnv env = cpu.sse;
    env.flags = value & FloatEnv.ALL_EXCEPTIONS;
    env.denormalsAreZero = (value & DENORMALS_ARE_ZERO) != 0;
    env.maskedExceptions = value >>> EXCEPTION_MASKS_SHIFT & FloatEnv.ALL_EXCEPTIONS;
    env.rounding = value >>> ROUNDING_SHIFT & 3;
    env.flushToZero = (value & FLUSH_TO_ZERO) != 0;
    updateLimits(cpu);
  }

  /**
   * Sets what compiled code decides by: after every change but the raising of exceptions, which may
   * show later.
   *
   * @return whether it was something else
   */
  public static boolean updateLimits(Cpu cpu) {
    FloatEnv env = cpu.sse;
    boolean plain =
        env.rounding == FloatEnv.NEAREST_EVEN
            && !env.flushToZero
            && (env.flags & env.maskedExceptions & FloatEnv.PE) != 0;
    boolean changes = plain != cpu.hostFloatsSuffice;
    cpu.hostFloatsSuffice = plain;
    cpu.doubleLimit = plain ? Double.MAX_VALUE : -1;
    cpu.singleLimit = plain ? Float.MAX_VALUE : -1;
    cpu.singlesGuard = plain ? FINITE_SINGLES_GUARD : NO_SINGLES_GUARD;
    return changes;
  }

  private static void ldmxcsr(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int value = cpu.mmu.load32(cpu.linear(insn, 4, false));
    if ((value & ~MASK) != 0) {
      throw cpu.generalProtection();
    }
    set(cpu, value);
  }

  private static void stmxcsr(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    cpu.mmu.store32(cpu.linear(insn, 4, true), get(cpu));
  }
}
