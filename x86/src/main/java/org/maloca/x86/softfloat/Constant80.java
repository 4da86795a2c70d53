package org.maloca.x86.softfloat;

/** The constants of FLD1 to FLDLN2, rounded as the control word asks (SDM volume 2, FLD1). */
public enum Constant80 {
  ONE(0x3fff, 0x8000_0000_0000_0000L, 0),
  LOG2_10(0x4000, 0xd49a_784b_cd1b_8afeL, 0x492b_f6ff_4daf_db4dL),
  LOG2_E(0x3fff, 0xb8aa_3b29_5c17_f0bbL, 0xbe87_fed0_691d_3e88L),
  PI(0x4000, 0xc90f_daa2_2168_c234L, 0xc4c6_628b_80dc_1cd1L),
  LOG10_2(0x3ffd, 0x9a20_9a84_fbcf_f798L, 0x8f89_59ac_0b7c_9178L),
  LN_2(0x3ffe, 0xb172_17f7_d1cf_79abL, 0xc9e3_b398_03f2_f6afL),
  ZERO(0, 0, 0);

  private final int signExp;
  private final long high;
  private final long low;

  Constant80(int signExp, long high, long low) {
    this.signExp = signExp;
    this.high = high;
    this.low = low;
  }

  /** Leaves the constant in {@code env.signExp} and {@code env.mantissa}; raises nothing. */
  public void load(FloatEnv env) {
    boolean sticky = low << 1 != 0;
    boolean up = Rounding.increments(env.rounding, false, (high & 1) != 0, low < 0, sticky);
    env.roundedUp = false;
    env.signExp = signExp;
    env.mantissa = up ? high + 1 : high;
  }
}
