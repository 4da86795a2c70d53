package org.maloca.x86.translate;

import java.util.Arrays;

/**
 * What is known of floating-point numbers in XMM registers at a point of a region: that they are
 * zero or have magnitudes from 2^low to 2^high. Operations on such numbers can neither overflow nor
 * underflow while sums and differences of the exponents stay within the format's.
 */
final class FloatRanges {
  /** Less than any exponent, in the place of {@code low}: nothing is known. */
  static final int UNKNOWN = -100_000;

  private static final int SINGLES = 16;
  private static final int SLOTS = 32;

  private final int[] low = new int[SLOTS];
  private final int[] high = new int[SLOTS];

  /** Something was known since {@link #forgetAll}: mostly nothing ever is. */
  private boolean knew = true;

  /** MXCSR is known to want what the host does with numbers that stay in their range. */
  private boolean hostSuffices;

  FloatRanges() {
    forgetAll();
  }

  void forgetAll() {
    if (knew) {
      Arrays.fill(low, UNKNOWN);
      Arrays.fill(high, -UNKNOWN);
      hostSuffices = false;
      knew = false;
    }
  }

  /** Whether something may be known. */
  boolean mayKnow() {
    return knew;
  }

  FloatRanges copy() {
    FloatRanges copy = new FloatRanges();
    copy.resume(this);
    return copy;
  }

  /** Takes over what is known at another point. */
  void resume(FloatRanges known) {
    System.arraycopy(known.low, 0, low, 0, SLOTS);
    System.arraycopy(known.high, 0, high, 0, SLOTS);
    hostSuffices = known.hostSuffices;
    knew = true;
  }

  boolean hostSuffices() {
    return hostSuffices;
  }

  void setHostSuffices(boolean suffices) {
    hostSuffices = suffices;
    knew |= suffices;
  }

  /** Slot of a register's low half as a double. */
  static int ofDouble(int register) {
    return register;
  }

  /** Slot of a register's lowest quarter as a single. */
  static int ofSingle(int register) {
    return SINGLES + register;
  }

  int low(int slot) {
    return low[slot];
  }

  int high(int slot) {
    return high[slot];
  }

  void set(int slot, int lowExponent, int highExponent) {
    low[slot] = lowExponent;
    high[slot] = highExponent;
    knew |= lowExponent != UNKNOWN;
  }

  /** A register was written. */
  void forget(int register) {
    set(ofDouble(register), UNKNOWN, -UNKNOWN);
    set(ofSingle(register), UNKNOWN, -UNKNOWN);
  }

  /** A handler was called that may have written MXCSR and a set of {@link GuestRegisters}. */
  void forgetWritten(long registers) {
    hostSuffices = false;
    for (int register = 0; register < SINGLES; register++) {
      if ((registers & GuestRegisters.xmmLow(register)) != 0) {
        forget(register);
      }
    }
  }

  /** A low half was copied. */
  void copy(int to, int from) {
    set(ofDouble(to), low[ofDouble(from)], high[ofDouble(from)]);
    set(ofSingle(to), low[ofSingle(from)], high[ofSingle(from)]);
  }
}
