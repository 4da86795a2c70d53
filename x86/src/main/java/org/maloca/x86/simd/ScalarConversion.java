package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Conversions of one element for compiled code, on the terms of {@link DoubleArithmetic}. What is
 * exact raises nothing whatever MXCSR says.
 */
public final class ScalarConversion {
  /** As in the RC field of MXCSR. */
  private static final int DOWN = 1;

  private static final int UP = 2;
  private static final int TOWARD_ZERO = 3;
  private static final int USE_MXCSR = 4;
  private static final int SUPPRESS_PRECISION = 8;

  private ScalarConversion() {}

  /** CVTSI2SD. */
  public static double longToDouble(long a, Cpu cpu) {
    return a << 11 >> 11 == a || cpu.doubleLimit > 0 ? (double) a : ExactDouble.fromLong(a, cpu);
  }

  /** CVTSI2SS. */
  public static float longToSingle(long a, Cpu cpu) {
    return a << 40 >> 40 == a || cpu.singleLimit > 0 ? (float) a : ExactSingle.fromLong(a, cpu);
  }

  /** CVTSS2SD. */
  public static double singleToDouble(float a, Cpu cpu) {
    return a == a && SingleArithmetic.isNoDenormal(a)
        ? a
        : ExactDouble.fromSingle(Float.floatToRawIntBits(a), cpu);
  }

  /** CVTSD2SS. */
  public static float doubleToSingle(double a, Cpu cpu) {
    float single = (float) a;
    return a == 0 || Math.abs(single) <= cpu.singleLimit && Math.abs(single) > Float.MIN_NORMAL
        ? single
        : ExactSingle.fromDouble(a, cpu);
  }

  private static boolean isSafelyInexact(double a, Cpu cpu) {
    return cpu.doubleLimit > 0 && DoubleArithmetic.isNoDenormal(a);
  }

  /** CVTTSD2SI to 32 bits. */
  public static int doubleToInt(double a, Cpu cpu) {
    int truncated = (int) a;
    return Math.abs(a) < 0x1p31 && (truncated == a || isSafelyInexact(a, cpu))
        ? truncated
        : ExactDouble.toInt(a, true, cpu);
  }

  /** CVTTSD2SI to 64 bits. */
  public static long doubleToLong(double a, Cpu cpu) {
    long truncated = (long) a;
    return Math.abs(a) < 0x1p63 && (truncated == a || isSafelyInexact(a, cpu))
        ? truncated
        : ExactDouble.toLong(a, true, cpu);
  }

  /** CVTSD2SI to 32 bits. */
  public static int doubleToNearestInt(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p30 && isSafelyInexact(a, cpu)
        ? (int) Math.rint(a)
        : ExactDouble.toInt(a, false, cpu);
  }

  /** CVTSD2SI to 64 bits. */
  public static long doubleToNearestLong(double a, Cpu cpu) {
    return Math.abs(a) < 0x1p62 && isSafelyInexact(a, cpu)
        ? (long) Math.rint(a)
        : ExactDouble.toLong(a, false, cpu);
  }

  private static boolean isSafelyInexact(float a, Cpu cpu) {
    return cpu.singleLimit > 0 && SingleArithmetic.isNoDenormal(a);
  }

  /** CVTTSS2SI to 32 bits. */
  public static int singleToInt(float a, Cpu cpu) {
    int truncated = (int) a;
    return Math.abs(a) < 0x1p31f && ((double) truncated == a || isSafelyInexact(a, cpu))
        ? truncated
        : ExactSingle.toInt(a, true, cpu);
  }

  /** CVTTSS2SI to 64 bits. */
  public static long singleToLong(float a, Cpu cpu) {
    long truncated = (long) a;
    return Math.abs(a) < 0x1p63f && (truncated == a || isSafelyInexact(a, cpu))
        ? truncated
        : ExactSingle.toLong(a, true, cpu);
  }

  /** CVTSS2SI to 32 bits. */
  public static int singleToNearestInt(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p30f && isSafelyInexact(a, cpu)
        ? (int) Math.rint(a)
        : ExactSingle.toInt(a, false, cpu);
  }

  /** CVTSS2SI to 64 bits. */
  public static long singleToNearestLong(float a, Cpu cpu) {
    return Math.abs(a) < 0x1p62f && isSafelyInexact(a, cpu)
        ? (long) Math.rint(a)
        : ExactSingle.toLong(a, false, cpu);
  }

  /** ROUNDSD. */
  public static double round(double a, int control, Cpu cpu) {
    return a == a && DoubleArithmetic.isNoDenormal(a) && roundsQuietly(control, cpu)
        ? rounded(a, control)
        : ExactDouble.round(a, rounding(control, cpu), suppressesPrecision(control), cpu);
  }

  /** ROUNDSS. */
  public static float round(float a, int control, Cpu cpu) {
    return a == a && SingleArithmetic.isNoDenormal(a) && roundsQuietly(control, cpu)
        ? (float) rounded(a, control)
        : ExactSingle.round(a, rounding(control, cpu), suppressesPrecision(control), cpu);
  }

  private static boolean roundsQuietly(int control, Cpu cpu) {
    return cpu.doubleLimit > 0 || (control & (SUPPRESS_PRECISION | USE_MXCSR)) == SUPPRESS_PRECISION;
  }

  private static double rounded(double a, int control) {
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
