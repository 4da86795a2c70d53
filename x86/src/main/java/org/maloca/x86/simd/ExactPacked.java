package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * Packed floating-point operations as MXCSR wants them, for compiled code that could not be sure of
 * the host's results. The outcome is left in {@link Cpu#XMM_SCRATCH}; unmasked exceptions are
 * thrown as faults before anything has changed. Operations go by number.
 */
public final class ExactPacked {
  public static final int ADD = 0;
  public static final int SUBTRACT = 1;
  public static final int MULTIPLY = 2;
  public static final int DIVIDE = 3;
  public static final int MIN = 4;
  public static final int MAX = 5;
  public static final int SQUARE_ROOT = 6;

  /** Comparison by predicate {@code number - COMPARE}. */
  public static final int COMPARE = 8;

  public static final int FROM_INT = 16;
  public static final int TO_INT = 17;
  public static final int TO_NEAREST_INT = 18;

  private static final SingleOperation[] SINGLES = new SingleOperation[19];
  private static final DoubleOperation[] DOUBLES = new DoubleOperation[16];

  static {
    SINGLES[ADD] = Float32::add;
    SINGLES[SUBTRACT] = Float32::sub;
    SINGLES[MULTIPLY] = Float32::mul;
    SINGLES[DIVIDE] = Float32::div;
    SINGLES[MIN] = Float32::min;
    SINGLES[MAX] = Float32::max;
    SINGLES[SQUARE_ROOT] = (a, b, env) -> Float32.sqrt(b, env);
    SINGLES[FROM_INT] = (a, b, env) -> Float32.fromInt32(b, env);
    SINGLES[TO_INT] = (a, b, env) -> Float32.toInt32Truncating(b, env);
    SINGLES[TO_NEAREST_INT] = (a, b, env) -> Float32.toInt32(b, env);
    DOUBLES[ADD] = Float64::add;
    DOUBLES[SUBTRACT] = Float64::sub;
    DOUBLES[MULTIPLY] = Float64::mul;
    DOUBLES[DIVIDE] = Float64::div;
    DOUBLES[MIN] = Float64::min;
    DOUBLES[MAX] = Float64::max;
    DOUBLES[SQUARE_ROOT] = (a, b, env) -> Float64.sqrt(b, env);
    for (int i = 0; i < 8; i++) {
      int predicate = i;
      SINGLES[COMPARE + i] = (a, b, env) -> Float32.compare(predicate, a, b, env) ? -1 : 0;
      DOUBLES[COMPARE + i] = (a, b, env) -> Float64.compare(predicate, a, b, env) ? -1 : 0;
    }
  }

  private ExactPacked() {}

  private static void complete(Cpu cpu, long low, long high, int sticky) {
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    cpu.xmm[Cpu.XMM_SCRATCH] = low;
    cpu.xmm[Cpu.XMM_SCRATCH + 1] = high;
  }

  private static long hostPair(long a, long b, int operation) {
    return switch (operation) {
      case ADD -> PackedSingle.add(a, b);
      case SUBTRACT -> PackedSingle.subtract(a, b);
      case MULTIPLY -> PackedSingle.multiply(a, b);
      case DIVIDE -> PackedSingle.divide(a, b);
      case SQUARE_ROOT -> PackedSingle.squareRoot(b);
      case FROM_INT -> PackedSingle.fromInts(b);
      default -> 0;
    };
  }

  private static int raised(long a, long b, long result, int operation) {
    if (operation == FROM_INT) {
      return RoundedSingle.fromInt((int) b, PackedSingle.low(result))
          | RoundedSingle.fromInt((int) (b >>> 32), PackedSingle.high(result));
    }
    return raised(PackedSingle.low(a), PackedSingle.low(b), PackedSingle.low(result), operation)
        | raised(PackedSingle.high(a), PackedSingle.high(b), PackedSingle.high(result), operation);
  }

  private static int raised(float a, float b, float result, int operation) {
    return switch (operation) {
      case ADD -> RoundedSingle.sum(a, b, result);
      case SUBTRACT -> RoundedSingle.sum(a, -b, result);
      case MULTIPLY -> RoundedSingle.product(a, b, result);
      case DIVIDE -> RoundedSingle.quotient(a, b, result);
      case SQUARE_ROOT -> RoundedSingle.root(b, result);
      default -> RoundedDouble.UNSURE;
    };
  }

  private static double host(double a, double b, int operation) {
    return switch (operation) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      default -> Math.sqrt(b);
    };
  }

  private static int raised(double a, double b, double result, int operation) {
    return switch (operation) {
      case ADD -> RoundedDouble.sum(a, b, result);
      case SUBTRACT -> RoundedDouble.sum(a, -b, result);
      case MULTIPLY -> RoundedDouble.product(a, b, result);
      case DIVIDE -> RoundedDouble.quotient(a, b, result);
      default -> RoundedDouble.root(b, result);
    };
  }

  /** An operation of four singles; those of one operand take the second. */
  public static void singles(long aLow, long aHigh, long bLow, long bHigh, int operation, Cpu cpu) {
    long hostLow = hostPair(aLow, bLow, operation);
    long hostHigh = hostPair(aHigh, bHigh, operation);
    int raised = raised(aLow, bLow, hostLow, operation) | raised(aHigh, bHigh, hostHigh, operation);
    if (FloatExceptions.accept(raised, cpu)) {
      cpu.xmm[Cpu.XMM_SCRATCH] = hostLow;
      cpu.xmm[Cpu.XMM_SCRATCH + 1] = hostHigh;
      return;
    }
    FloatEnv env = cpu.sse;
    SingleOperation body = SINGLES[operation];
    int sticky = FloatExceptions.begin(env);
    long low = body.applyToPair(aLow, bLow, env);
    long high = body.applyToPair(aHigh, bHigh, env);
    complete(cpu, low, high, sticky);
  }

  /** An operation of two doubles; those of one operand take the second. */
  public static void doubles(long aLow, long aHigh, long bLow, long bHigh, int operation, Cpu cpu) {
    if (operation <= DIVIDE || operation == SQUARE_ROOT) {
      double aLowDouble = Double.longBitsToDouble(aLow);
      double aHighDouble = Double.longBitsToDouble(aHigh);
      double bLowDouble = Double.longBitsToDouble(bLow);
      double bHighDouble = Double.longBitsToDouble(bHigh);
      double low = host(aLowDouble, bLowDouble, operation);
      double high = host(aHighDouble, bHighDouble, operation);
      int raised =
          raised(aLowDouble, bLowDouble, low, operation)
              | raised(aHighDouble, bHighDouble, high, operation);
      if (FloatExceptions.accept(raised, cpu)) {
        cpu.xmm[Cpu.XMM_SCRATCH] = Double.doubleToRawLongBits(low);
        cpu.xmm[Cpu.XMM_SCRATCH + 1] = Double.doubleToRawLongBits(high);
        return;
      }
    }
    FloatEnv env = cpu.sse;
    DoubleOperation body = DOUBLES[operation];
    int sticky = FloatExceptions.begin(env);
    long low = body.apply(aLow, bLow, env);
    long high = body.apply(aHigh, bHigh, env);
    complete(cpu, low, high, sticky);
  }

  /** CVTPS2PD. */
  public static void singlesToDoubles(long a, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    long low = Float32.toFloat64((int) a, cpu.sse);
    long high = Float32.toFloat64((int) (a >>> 32), cpu.sse);
    complete(cpu, low, high, sticky);
  }

  /** CVTPD2PS. */
  public static void doublesToSingles(long aLow, long aHigh, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int low = Float64.toFloat32(aLow, cpu.sse);
    int high = Float64.toFloat32(aHigh, cpu.sse);
    complete(cpu, PackedConversionHandlers.join(low, high), 0, sticky);
  }

  /** CVTTPD2DQ and CVTPD2DQ. */
  public static void doublesToInts(long aLow, long aHigh, boolean truncate, Cpu cpu) {
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int low = truncate ? Float64.toInt32Truncating(aLow, env) : Float64.toInt32(aLow, env);
    int high = truncate ? Float64.toInt32Truncating(aHigh, env) : Float64.toInt32(aHigh, env);
    complete(cpu, PackedConversionHandlers.join(low, high), 0, sticky);
  }
}
