package org.maloca.x86.simd;

import org.maloca.x86.Flags;

/** The arithmetic flags that COMISD and its like leave. */
public final class FloatFlags {
  private FloatFlags() {}

  /** RFLAGS bits for the relation of two numbers. */
  public static long of(double a, double b) {
    if (a > b) {
      return 0;
    }
    if (a < b) {
      return Flags.CF;
    }
    return a == b ? Flags.ZF : Flags.ZF | Flags.PF | Flags.CF;
  }
}
