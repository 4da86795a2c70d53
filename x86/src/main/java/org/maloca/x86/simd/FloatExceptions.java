package org.maloca.x86.simd;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * SIMD floating-point exceptions around one instruction (Intel SDM vol. 1, 11.5). While all are
 * masked, flags just accumulate; otherwise those of the instruction are kept apart to see whether
 * it may complete.
 */
final class FloatExceptions {
  /** Raised before the computation: if one of them is unmasked, no element is computed. */
  private static final int PRE_COMPUTATION = FloatEnv.IE | FloatEnv.DE | FloatEnv.ZE;

  private FloatExceptions() {}

  /**
   * Whether results of the host's are what MXCSR wants, which then has their exceptions.
   *
   * @param raised as {@link RoundedDouble} tells: negative if it is unsure
   */
  static boolean accept(int raised, Cpu cpu) {
    FloatEnv env = cpu.sse;
    if (raised < 0
        || env.rounding != FloatEnv.NEAREST_EVEN
        || (raised & ~env.maskedExceptions) != 0) {
      return false;
    }
    if ((raised & ~env.flags) != 0) {
      env.flags |= raised;
      Mxcsr.updateLimits(cpu);
    }
    return true;
  }

  /** Starts an instruction; returns what {@link #end} wants. */
  static int begin(FloatEnv env) {
    if (env.maskedExceptions == FloatEnv.ALL_EXCEPTIONS) {
      return 0;
    }
    int sticky = env.flags;
    env.flags = 0;
    return sticky;
  }

  /** Ends an instruction before it writes its result: #XM, or #UD where #XM is not enabled. */
  static void end(Cpu cpu, int sticky) {
    FloatEnv env = cpu.sse;
    if (env.maskedExceptions != FloatEnv.ALL_EXCEPTIONS) {
      if (env.unmasked() != 0) {
        throw raise(cpu, sticky);
      }
      env.flags |= sticky;
    }
  }

  /** Between two stages of an instruction: what was raised in the first stays raised. */
  static int next(Cpu cpu, int sticky) {
    end(cpu, sticky);
    return begin(cpu.sse);
  }

  private static GuestFault raise(Cpu cpu, int sticky) {
    FloatEnv env = cpu.sse;
    if ((env.unmasked() & PRE_COMPUTATION) != 0) {
      env.flags &= PRE_COMPUTATION;
    }
    env.flags |= sticky;
    return (cpu.cr4 & ControlRegisters.CR4_OSXMMEXCPT) != 0
        ? cpu.fault(GuestFault.XM, 0)
        : cpu.undefinedOpcode();
  }
}
