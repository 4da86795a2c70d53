package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/**
 * The quotients of DIV and IDIV (AMD APM vol. 3). All methods throw #DE for a divisor of zero and
 * for a quotient that does not fit; the remainder is what the quotient leaves.
 */
public final class Division {
  private Division() {}

  // Whether the host's own division does. Large regions divide so, and leave the rest to the
  // interpreter: a call would keep their state on the stack.

  /** Whether {@link #unsigned} has a quotient that fits. */
  public static boolean isPlainUnsigned(long dividend, long divisor, int size) {
    return Long.compareUnsigned(dividend >>> 8 * size, divisor) < 0;
  }

  /** Whether a quotient of {@link #signed} may fit. */
  public static boolean isPlainSigned(long dividend, long divisor) {
    return divisor != 0 && dividend != Long.MIN_VALUE;
  }

  /** Whether a quotient of {@link #signed} fits. */
  public static boolean fitsSigned(long quotient, int size) {
    return quotient == Cpu.signExtend(quotient, size);
  }

  /** Whether the dividend of {@link #unsigned128} is no wider than its divisor. */
  public static boolean isPlainUnsigned128(long high, long divisor) {
    return high == 0 && divisor != 0;
  }

  /** Whether the dividend of {@link #signed128} is no wider than its divisor. */
  public static boolean isPlainSigned128(long high, long low, long divisor) {
    return high == low >> 63 && divisor != 0 && divisor != -1;
  }

  /** Divides by a divisor of {@code size} bytes, 1, 2 or 4; both operands are zero-extended. */
  public static long unsigned(Cpu cpu, long dividend, long divisor, int size) {
    // Also catches division by zero.
    if (!isPlainUnsigned(dividend, divisor, size)) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    return Long.divideUnsigned(dividend, divisor);
  }

  /** Divides by a divisor of {@code size} bytes, 1, 2 or 4; both operands are sign-extended. */
  public static long signed(Cpu cpu, long dividend, long divisor, int size) {
    // The one quotient that does not fit a long comes of -2^63 / -1.
    if (divisor == 0 || divisor == -1 && dividend == Long.MIN_VALUE) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    long quotient = dividend / divisor;
    if (!fitsSigned(quotient, size)) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    return quotient;
  }

  /** Divides 128 by 64 bits. */
  public static long unsigned128(Cpu cpu, long high, long low, long divisor) {
    if (isPlainUnsigned128(high, divisor)) {
      return Long.divideUnsigned(low, divisor);
    }
    return unsignedWide(cpu, high, low, divisor);
  }

  private static long unsignedWide(Cpu cpu, long high, long low, long divisor) {
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    return WideDivision.quotient(high, low, divisor);
  }

  /** Divides signed 128 by 64 bits. */
  public static long signed128(Cpu cpu, long high, long low, long divisor) {
    if (isPlainSigned128(high, low, divisor)) {
      return low / divisor;
    }
    return signedWide(cpu, high, low, divisor);
  }

  private static long signedWide(Cpu cpu, long high, long low, long divisor) {
    boolean negative = high < 0;
    long magnitudeLow = negative ? -low : low;
    long magnitudeHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    long magnitudeDivisor = Math.abs(divisor);
    if (Long.compareUnsigned(magnitudeHigh, magnitudeDivisor) >= 0) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    long magnitude = WideDivision.quotient(magnitudeHigh, magnitudeLow, magnitudeDivisor);
    boolean negativeQuotient = negative != divisor < 0;
    long quotient = negativeQuotient ? -magnitude : magnitude;
    if (quotient != 0 && quotient < 0 != negativeQuotient) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    return quotient;
  }
}
