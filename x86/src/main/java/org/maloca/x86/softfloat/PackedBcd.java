package org.maloca.x86.softfloat;

/** FBLD and FBSTP: 18 packed decimal digits and a sign byte (Intel SDM volume 1, 4.7). */
public final class PackedBcd {
  private static final long LIMIT = 1_000_000_000_000_000_000L;
  private static final int INDEFINITE_HIGH = 0xffff;
  private static final long INDEFINITE_LOW = 0xc000_0000_0000_0000L;

  private PackedBcd() {}

  /** FBLD: {@code high} is the two topmost bytes (sign, digits 17 and 16). */
  public static void load(int high, long low, FloatEnv env) {
    long value = (high >>> 4 & 15) * 10L + (high & 15);
    for (int shift = 60; shift >= 0; shift -= 4) {
      value = value * 10 + (low >>> shift & 15);
    }
    env.roundedUp = false;
    env.r.setInteger((high & 0x8000) != 0, value);
    Rounding.store80(env);
  }

  /** FBSTP: bytes 9..8 to {@code env.signExp}, bytes 7..0 to {@code env.mantissa}. */
  public static void store(int se, long m, FloatEnv env) {
    Float80.load(env, se, m);
    boolean negative = env.a.negative;
    int flags = env.flags;
    long value = IntegerConversion.toInt(env, 64, env.rounding);
    long magnitude = Math.abs(value);
    if (Long.compareUnsigned(magnitude, LIMIT) >= 0) {
      env.flags = flags | FloatEnv.IE;
      env.roundedUp = false;
      env.signExp = INDEFINITE_HIGH;
      env.mantissa = INDEFINITE_LOW;
      return;
    }
    long low = 0;
    for (int shift = 0; shift < 64; shift += 4) {
      low |= magnitude % 10 << shift;
      magnitude /= 10;
    }
    env.mantissa = low;
    env.signExp = (negative ? 0x8000 : 0) | (int) (magnitude / 10 << 4 | magnitude % 10);
  }
}
