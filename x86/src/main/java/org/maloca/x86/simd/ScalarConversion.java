package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Conversions of one element for compiled code: by the host, and whether that is what MXCSR wants,
 * as {@link DoubleArithmetic} tells. What is exact raises nothing whatever MXCSR says.
 */
public final class ScalarConversion {
  /** As in the RC field of MXCSR. */
  private static final int DOWN = 1;

  private static final int UP = 2;
  private static final int TOWARD_ZERO = 3;
  private static final int USE_MXCSR = 4;
  private static final int SUPPRESS_PRECISION = 8;

  private ScalarConversion() {}

  /** Of CVTSI2SD. */
  public static boolean isSafeAsDouble(long a, Cpu cpu) {
    return a << 11 >> 11 == a || cpu.doubleLimit > 0;
  }

  /** Of CVTSI2SS. */
  public static boolean isSafeAsSingle(long a, Cpu cpu) {
    return a << 40 >> 40 == a || cpu.singleLimit > 0;
  }

  /** Of CVTSD2SS. */
  public static boolean isSafeAsSingle(double a, Cpu cpu) {
    return a == 0 || SingleArithmetic.isSafelyNormal((float) a, cpu);
  }

  private static boolean isSafelyInexact(double a, Cpu cpu) {
    return cpu.doubleLimit > 0 && DoubleArithmetic.isPlain(a);
  }

  /** Of CVTTSD2SI to 32 bits. */
  public static boolean isSafeAsInt(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p31 && ((int) a == a || isSafelyInexact(a, cpu));
  }

  /** Of CVTTSD2SI to 64 bits. */
  public static boolean isSafeAsLong(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p63 && ((long) a == a || isSafelyInexact(a, cpu));
  }

  /** Of CVTSD2SI to 32 bits. */
  public static boolean isSafeAsNearestInt(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p30 && isSafelyInexact(a, cpu);
  }

  /** Of CVTSD2SI to 64 bits. */
  public static boolean isSafeAsNearestLong(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p62 && isSafelyInexact(a, cpu);
  }

  private static boolean isSafelyInexact(float a, Cpu cpu) {
    return cpu.singleLimit > 0 && SingleArithmetic.isPlain(a);
  }

  /** Of CVTTSS2SI to 32 bits. */
  public static boolean isSafeAsInt(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p31f && ((double) (int) a == a || isSafelyInexact(a, cpu));
  }

  /** Of CVTTSS2SI to 64 bits. */
  public static boolean isSafeAsLong(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p63f && ((long) a == a || isSafelyInexact(a, cpu));
  }

  /** Of CVTSS2SI to 32 bits. */
  public static boolean isSafeAsNearestInt(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p30f && isSafelyInexact(a, cpu);
  }

  /** Of CVTSS2SI to 64 bits. */
  public static boolean isSafeAsNearestLong(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p62f && isSafelyInexact(a, cpu);
  }

  /** Of ROUNDSD. */
  public static boolean isSafelyRounded(double a, int control, Cpu cpu) {
    return DoubleArithmetic.isPlain(a) && roundsQuietly(control, cpu);
  }

  /** Of ROUNDSS. */
  public static boolean isSafelyRounded(float a, int control, Cpu cpu) {
    return SingleArithmetic.isPlain(a) && roundsQuietly(control, cpu);
  }

  private static boolean roundsQuietly(int control, Cpu cpu) {
    return cpu.doubleLimit > 0
        || (control & (SUPPRESS_PRECISION | USE_MXCSR)) == SUPPRESS_PRECISION;
  }

  /** Rounds to an integral value: ROUNDSD, and ROUNDSS by way of it. */
  public static double round(double a, int control) {
    return switch ((control & USE_MXCSR) != 0 ? 0 : control & 3) {
      case DOWN -> Math.floor(a);
      case UP -> Math.ceil(a);
      case TOWARD_ZERO -> a < 0 ? Math.ceil(a) : Math.floor(a);
      default -> Math.rint(a);
    };
  }

  static int rounding(int control, Cpu cpu) {
    return (control & USE_MXCSR) != 0 ? cpu.sse.rounding : control & 3;
  }

  static boolean suppressesPrecision(int control) {
    return (control & SUPPRESS_PRECISION) != 0;
  }
}
