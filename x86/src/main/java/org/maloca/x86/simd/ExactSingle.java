package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Binary32 operations as MXCSR wants them, for compiled code: see {@link ExactDouble}. */
public final class ExactSingle {
  private ExactSingle() {}

  private static int bits(float a) {
    return Float.floatToRawIntBits(a);
  }

  private static float complete(int result, int sticky, Cpu cpu) {
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return Float.intBitsToFloat(result);
  }

  public static float add(float a, float b, Cpu cpu) {
    float result = a + b;
    if (FloatExceptions.accept(RoundedSingle.sum(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.add(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static float subtract(float a, float b, Cpu cpu) {
    float result = a - b;
    if (FloatExceptions.accept(RoundedSingle.sum(a, -b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.sub(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static float multiply(float a, float b, Cpu cpu) {
    float result = a * b;
    if (FloatExceptions.accept(RoundedSingle.product(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.mul(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static float divide(float a, float b, Cpu cpu) {
    float result = a / b;
    if (FloatExceptions.accept(RoundedSingle.quotient(a, b, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.div(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static float squareRoot(float a, Cpu cpu) {
    float result = (float) Math.sqrt(a);
    if (FloatExceptions.accept(RoundedSingle.root(a, result), cpu)) {
      return result;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.sqrt(bits(a), cpu.sse), sticky, cpu);
  }

  public static float min(float a, float b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.min(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  public static float max(float a, float b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.max(bits(a), bits(b), cpu.sse), sticky, cpu);
  }

  /** CMPSS: all ones where a legacy predicate (0 to 7) holds. */
  public static float compare(float a, float b, int predicate, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    boolean holds = Float32.compare(predicate, bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return Float.intBitsToFloat(holds ? -1 : 0);
  }

  /** UCOMISS: a number that relates to zero as the first operand does to the second. */
  public static float relation(float a, float b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float32.compareQuiet(bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return (float) ExactDouble.asNumber(relation);
  }

  /** COMISS: as {@link #relation}, but every NaN is invalid. */
  public static float orderedRelation(float a, float b, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float32.compareSignaling(bits(a), bits(b), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    return (float) ExactDouble.asNumber(relation);
  }

  /** CVTSI2SS. */
  public static float fromLong(long a, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    return complete(Float32.fromInt64(a, cpu.sse), sticky, cpu);
  }

  /** CVTSD2SS. */
  public static float fromDouble(double a, Cpu cpu) {
    int sticky = FloatExceptions.begin(cpu.sse);
    int result = Float64.toFloat32(Double.doubleToRawLongBits(a), cpu.sse);
    return complete(result, sticky, cpu);
  }

  /** CVTTSS2SI and CVTSS2SI to 32 bits. */
  public static int toInt(float a, boolean truncate, Cpu cpu) {
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int result = truncate ? Float32.toInt32Truncating(bits(a), env) : Float32.toInt32(bits(a), env);
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return result;
  }

  /** CVTTSS2SI and CVTSS2SI to 64 bits. */
  public static long toLong(float a, boolean truncate, Cpu cpu) {
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result =
        truncate ? Float32.toInt64Truncating(bits(a), env) : Float32.toInt64(bits(a), env);
    FloatExceptions.end(cpu, sticky);
    Mxcsr.updateLimits(cpu);
    return result;
  }

  /** ROUNDSS. */
  public static float round(float a, int control, Cpu cpu) {
    int rounding = ScalarConversion.rounding(control, cpu);
    boolean suppressPrecision = ScalarConversion.suppressesPrecision(control);
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int result = Float32.roundToIntegral(bits(a), rounding, suppressPrecision, env);
    return complete(result, sticky, cpu);
  }
}
