package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * Binary64 operations as MXCSR wants them, for compiled code: with all flags, rounding modes and
 * unmasked exceptions, which are thrown as faults before anything else has changed.
 */
public final class ExactDouble {
  private ExactDouble() {}

  private static long bits(double a) {
    return Double.doubleToRawLongBits(a);
  }

  private static double complete(long result, int sticky, Cpu cpu) {
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return Double.longBitsToDouble(result);
  }

  public static double add(double a, double b, Cpu cpu) {
    double result = a + b;
    if (FloatExceptions.accept(RoundedDouble.sum(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.add(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static double subtract(double a, double b, Cpu cpu) {
    double result = a - b;
    if (FloatExceptions.accept(RoundedDouble.sum(a, -b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.sub(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static double multiply(double a, double b, Cpu cpu) {
    double result = a * b;
    if (FloatExceptions.accept(RoundedDouble.product(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.mul(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static double divide(double a, double b, Cpu cpu) {
    double result = a / b;
    if (FloatExceptions.accept(RoundedDouble.quotient(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.div(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static double squareRoot(double a, Cpu cpu) {
    double result = Math.sqrt(a);
    if (FloatExceptions.accept(RoundedDouble.root(a, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.sqrt(bits(a), cpu.sse), sticky, cpu);
  }

  public static double min(double a, double b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.min(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static double max(double a, double b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.max(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  /** CMPSD: all ones where a legacy predicate (0 to 7) holds. */
  public static double compare(double a, double b, int predicate, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    boolean holds = Float64.compare(predicate, bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return Double.longBitsToDouble(holds ? -1 : 0);
  }

  /** UCOMISD: a number that relates to zero as the first operand does to the second. */
  public static double relation(double a, double b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float64.compareQuiet(bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return asNumber(relation);
  }

  /** COMISD: as {@link #relation}, but every NaN is invalid. */
  public static double orderedRelation(double a, double b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float64.compareSignaling(bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return asNumber(relation);
  }

  static double asNumber(int relation) {
    return relation == 2 ? Double.NaN : relation;
  }

  /** CVTSI2SD. */
  public static double fromLong(long a, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float64.fromInt64(a, cpu.sse), sticky, cpu);
  }

  /** CVTSS2SD. */
  public static double fromSingle(float a, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.toFloat64(Float.floatToRawIntBits(a), cpu.sse), sticky, cpu);
  }

  /** CVTTSD2SI and CVTSD2SI to 32 bits. */
  public static int toInt(double a, boolean truncate, Cpu cpu) {
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int result = truncate ? Float64.toInt32Truncating(bits(a), env) : Float64.toInt32(bits(a), env);
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return result;
  }

  /** CVTTSD2SI and CVTSD2SI to 64 bits. */
  public static long toLong(double a, boolean truncate, Cpu cpu) {
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result =
        truncate ? Float64.toInt64Truncating(bits(a), env) : Float64.toInt64(bits(a), env);
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return result;
  }

  /** ROUNDSD. */
  public static double round(double a, int control, Cpu cpu) {
    int rounding = ScalarConversion.rounding(control, cpu);
    boolean suppressPrecision = ScalarConversion.suppressesPrecision(control);
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = Float64.roundToIntegral(bits(a), rounding, suppressPrecision, env);
    return complete(result, sticky, cpu);
  }
}
