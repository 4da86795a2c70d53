package org.maloca.x86.softfloat;

/**
 * Control, status and result scratch of one floating-point unit: what MXCSR is to SSE and what the
 * control and status words are to the x87 FPU (Intel SDM volume 1, 8.1.4, 8.1.5 and 10.2.3).
 *
 * <p>A virtual CPU owns two of them, because SSE and x87 round and mask independently; the x87 one
 * leaves {@link #flushToZero} and {@link #denormalsAreZero} false. Operations accumulate into
 * {@link #flags}. An emulator that has exceptions unmasked clears {@code flags} before an
 * instruction, tests {@link #unmasked()} after it and then merges; with everything masked it just
 * lets them stick, which also is the faster way (inexactness is not computed once PE is set).
 *
 * <p>When an operation leaves {@link #unmasked()} non-zero because of IE, DE or ZE, its returned
 * value is unspecified and must not be stored. Not thread-safe.
 */
public final class FloatEnv {
  public static final int IE = 1;
  public static final int DE = 2;
  public static final int ZE = 4;
  public static final int OE = 8;
  public static final int UE = 16;
  public static final int PE = 32;
  public static final int ALL_EXCEPTIONS = 0x3f;

  public static final int NEAREST_EVEN = 0;
  public static final int DOWN = 1;
  public static final int UP = 2;
  public static final int TOWARD_ZERO = 3;

  /** Rounding mode in the RC encoding. */
  public int rounding;

  /** Significand bits kept by x87 add, sub, mul, div and sqrt: 24, 53 or 64. */
  public int precision = 64;

  /** Exceptions raised, MXCSR order. */
  public int flags;

  /** Exceptions whose mask bit is set, same order as {@link #flags}. */
  public int maskedExceptions = ALL_EXCEPTIONS;

  /** MXCSR.FTZ; effective only while UE is masked. */
  public boolean flushToZero;

  /** MXCSR.DAZ. */
  public boolean denormalsAreZero;

  /** Whether the last rounding went away from zero: x87 condition code C1. */
  public boolean roundedUp;

  /** Sign (bit 15) and biased exponent of the last 80-bit result; the top 16 bits of a BCD one. */
  public int signExp;

  /** Significand with explicit integer bit of the last 80-bit result; low 64 bits of a BCD one. */
  public long mantissa;

  /** Sign and exponent of the second result of FXTRACT, FSINCOS: what is pushed. */
  public int pushedSignExp;

  /** Significand of the second result. */
  public long pushedMantissa;

  /** Whether the last {@link Rounding} discarded non-zero bits. */
  boolean inexact;

  final Unpacked a = new Unpacked();
  final Unpacked b = new Unpacked();
  final Unpacked c = new Unpacked();
  final Unpacked r = new Unpacked();
  final Unpacked t = new Unpacked();
  final Unpacked u = new Unpacked();
  final Unpacked v = new Unpacked();
  final Unpacked w = new Unpacked();
  final Unpacked x = new Unpacked();

  /** Exceptions raised in {@link #flags} that are not masked. */
  public int unmasked() {
    return flags & ~maskedExceptions & ALL_EXCEPTIONS;
  }

  boolean isMasked(int exception) {
    return (maskedExceptions & exception) != 0;
  }

  /** Makes {@link #r} the default NaN ("real indefinite") and raises IE. */
  void invalid() {
    flags |= IE;
    roundedUp = false;
    r.setDefaultNan();
  }
}
