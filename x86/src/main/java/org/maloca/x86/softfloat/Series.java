package org.maloca.x86.softfloat;

/**
 * The power series behind the transcendental instructions, on {@link Wide} numbers held in the
 * registers of a {@link FloatEnv}. Register names are part of each contract.
 */
final class Series {
  /** Bits a series is carried to, relative to its first term. */
  private static final int BITS = 84;

  private static final long LN2_HI = 0xb172_17f7_d1cf_79abL;
  private static final long LN2_LO = 0xc9e3_b398_03f2_f6afL;
  private static final long LOG2E_HI = 0xb8aa_3b29_5c17_f0bbL;
  private static final long LOG2E_LO = 0xbe87_fed0_691d_3e89L;
  private static final long PI_HI = 0xc90f_daa2_2168_c234L;
  private static final long PI_LO = 0xc4c6_628b_80dc_1cd1L;
  private static final long SQRT2_HI = 0xb504_f333_f9de_6484L;

  /** Arc tangents of 1/8 to 8/8. */
  private static final int[] ATAN_EXP = {0, -4, -3, -2, -2, -1, -1, -1, -1};

  private static final long[] ATAN_HI = {
    0,
    0xfead_d4d5_617b_6e32L,
    0xfadb_afc9_6406_eb15L,
    0xb7b0_ca0f_26f7_8473L,
    0xed63_382b_0dda_7b45L,
    0x8f00_5d5e_f7f5_9f9bL,
    0xa4bc_7d19_34f7_0924L,
    0xb805_3e2b_c231_9e73L,
    0xc90f_daa2_2168_c234L
  };
  private static final long[] ATAN_LO = {
    0,
    0xc897_989f_3e88_8ef8L,
    0x6dc7_9ef5_f7a2_17e6L,
    0x8aa3_2122_dcfe_4483L,
    0x6fe4_45ec_bc3a_8d03L,
    0x5c83_5e16_65c4_3748L,
    0x19a8_7f2a_457d_ac9fL,
    0xcb2d_a552_10a4_443dL,
    0xc4c6_628b_80dc_1cd1L
  };

  private Series() {}

  /** {@code u = pi * 2^shift}. */
  static void pi(Unpacked u, int shift) {
    u.set(false, 1 + shift, PI_HI, PI_LO);
  }

  /** {@code r = 2^a - 1} for |a| at most 1; uses t, u. */
  static void exp2Minus1(FloatEnv env) {
    Unpacked y = env.t;
    Unpacked one = env.u;
    Unpacked p = env.r;
    Wide.one(one);
    y.set(false, -1, LN2_HI, LN2_LO);
    Wide.mul(y, env.a, y);
    Wide.one(p);
    int terms = y.exp < -3 ? Math.min(24, 2 + BITS / -y.exp) : 24;
    for (int n = terms; n >= 2; n--) {
      Wide.mul(p, p, y);
      Wide.divSmall(p, n);
      Wide.add(p, p, one);
    }
    Wide.mul(p, p, y);
  }

  /** {@code r = log2(w)} for positive w; uses t, u, v, x and destroys w. */
  static void log2(FloatEnv env) {
    Unpacked m = env.w;
    int k = m.exp;
    m.exp = 0;
    if (Long.compareUnsigned(m.hi, SQRT2_HI) >= 0) {
      m.exp = -1;
      k++;
    }
    Wide.one(env.u);
    Wide.sub(env.t, m, env.u);
    Wide.add(env.u, m, env.u);
    log2OfRatio(env);
    Unpacked whole = env.w;
    whole.setInteger(k < 0, Math.abs(k));
    Wide.add(env.r, env.r, whole);
  }

  /** {@code r = log2((1 + s) / (1 - s))}, s = t / u at most 0.1716; uses v, x. */
  static void log2OfRatio(FloatEnv env) {
    Unpacked s = env.v;
    Wide.div(s, env.t, env.u, env.x);
    if (s.kind == Unpacked.ZERO) {
      env.r.copy(s);
      return;
    }
    Wide.mul(env.t, s, s);
    arcSum(env, s.exp);
    Wide.mul(env.r, env.r, s);
    s.set(false, 1, LOG2E_HI, LOG2E_LO);
    Wide.mul(env.r, env.r, s);
  }

  /** {@code r = sum of t^i / (2i + 1)} where |t| is below {@code 2^(2 * (exp + 1))}; uses x. */
  private static void arcSum(FloatEnv env, int exp) {
    Unpacked sum = env.r;
    Unpacked term = env.x;
    sum.setZero(false);
    for (int i = 1 + BITS / (-2 * (exp + 1)); i >= 0; i--) {
      Wide.mul(sum, sum, env.t);
      Wide.one(term);
      Wide.divSmall(term, 2 * i + 1);
      Wide.add(sum, sum, term);
    }
  }

  /** {@code r = atan(w)} for w in 0..1; uses t, u, v, x and destroys w. */
  static void atan(FloatEnv env) {
    Unpacked w = env.w;
    int k = w.exp < -4 ? 0 : (int) (w.hi >>> (59 - w.exp)) + 1 >> 1;
    Unpacked s = env.v;
    if (k == 0) {
      s.copy(w);
    } else {
      env.u.setInteger(false, k);
      env.u.exp -= 3;
      Wide.sub(env.t, w, env.u);
      Wide.mul(env.u, w, env.u);
      Wide.one(env.x);
      Wide.add(env.u, env.u, env.x);
      Wide.div(s, env.t, env.u, env.x);
    }
    if (s.kind == Unpacked.ZERO) {
      env.r.setZero(false);
    } else {
      Wide.mul(env.t, s, s);
      env.t.negative = true;
      arcSum(env, s.exp);
      Wide.mul(env.r, env.r, s);
    }
    if (k != 0) {
      s.set(false, ATAN_EXP[k], ATAN_HI[k], ATAN_LO[k]);
      Wide.add(env.r, env.r, s);
    }
  }

  /** {@code r = sin(w)} for |w| up to pi/4; uses t, u. */
  static void sin(FloatEnv env) {
    oscillate(env, 1);
    Wide.mul(env.r, env.r, env.w);
  }

  /** {@code r = cos(w)} for |w| up to pi/4; uses t, u. */
  static void cos(FloatEnv env) {
    oscillate(env, 0);
  }

  /** {@code r = 1 - w^2 / (1+o)(2+o) * (1 - w^2 / (3+o)(4+o) * ...)}. */
  private static void oscillate(FloatEnv env, int odd) {
    Unpacked square = env.t;
    Unpacked one = env.u;
    Unpacked p = env.r;
    Wide.mul(square, env.w, env.w);
    Wide.one(one);
    Wide.one(p);
    int terms = square.exp < -4 ? Math.min(14, 1 + BITS / -square.exp) : 14;
    for (int n = terms; n >= 1; n--) {
      Wide.mul(p, p, square);
      Wide.divSmall(p, (2 * n - 1 + odd) * (2 * n + odd));
      Wide.sub(p, one, p);
    }
  }
}
