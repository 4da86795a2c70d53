package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Packed conversions between formats of different size for compiled code, on the terms of {@link
 * PackedSingle}.
 */
public final class PackedConversion {
  private PackedConversion() {}

  /** The first element of CVTPS2PD. */
  public static long lowToDouble(long a) {
    return Double.doubleToRawLongBits(PackedSingle.low(a));
  }

  /** The second element of CVTPS2PD. */
  public static long highToDouble(long a) {
    return Double.doubleToRawLongBits(PackedSingle.high(a));
  }

  /** Whether CVTPS2PD raises nothing. */
  public static boolean widenQuietly(long a) {
    return SingleArithmetic.comparesQuietly(PackedSingle.low(a), PackedSingle.high(a));
  }

  /** CVTPD2PS. */
  public static long toSingles(double low, double high) {
    return PackedSingle.join((float) low, (float) high);
  }

  /** Whether CVTPD2PS raises nothing new. */
  public static boolean narrowSafely(double low, double high, Cpu cpu) {
    return narrowsSafely(low, cpu) && narrowsSafely(high, cpu);
  }

  private static boolean narrowsSafely(double a, Cpu cpu) {
    return a == 0 || SingleArithmetic.isSafelyNormal((float) a, cpu);
  }

  /** CVTTPD2DQ. */
  public static long toInts(double low, double high) {
    return (int) low & 0xffff_ffffL | (long) (int) high << 32;
  }

  /** CVTPD2DQ while rounding is to nearest. */
  public static long toNearestInts(double low, double high) {
    return toInts(Math.rint(low), Math.rint(high));
  }

  /** Whether both can be converted to integers within their range, raising nothing new. */
  public static boolean areConvertible(double low, double high, Cpu cpu) {
    return cpu.doubleLimit > 0 && isConvertible(low) && isConvertible(high);
  }

  private static boolean isConvertible(double a) {
    return Math.abs(a) < 0x1p30 && DoubleArithmetic.isPlain(a);
  }
}
