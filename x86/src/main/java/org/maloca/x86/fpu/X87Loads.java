package org.maloca.x86.fpu;

import org.maloca.x86.softfloat.CommonConversion;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;

/** FLD, FILD and the constants after {@link X87Unit#begin}: all that push. */
public final class X87Loads {
  private X87Loads() {}

  /** FLD m32fp. */
  public static void float32(X87State x87, int bits) {
    if (x87.isEmpty(7) && CommonConversion.fromFloat32(bits, x87.env)) {
      pushResult(x87);
    } else {
      Float80.fromFloat32(bits, x87.env);
      pushUncommon(x87);
    }
  }

  /** FLD m64fp. */
  public static void float64(X87State x87, long bits) {
    if (x87.isEmpty(7) && CommonConversion.fromFloat64(bits, x87.env)) {
      pushResult(x87);
    } else {
      Float80.fromFloat64(bits, x87.env);
      pushUncommon(x87);
    }
  }

  /** FLD m80fp: the significand, then sign and exponent. */
  public static void extended(X87State x87, long mantissa, int signExponent) {
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, signExponent, mantissa);
  }

  /** FILD of any width, sign-extended. */
  public static void integer(X87State x87, long value) {
    CommonConversion.fromInt(value, x87.env);
    pushResult(x87);
  }

  /** FLD ST(i). */
  public static void register(X87State x87, int i) {
    X87Unit.setC1(x87, false);
    if (!x87.isEmpty(i)) {
      X87Unit.push(x87, X87Unit.signExponent(x87, i), X87Unit.mantissa(x87, i));
    } else if (X87Unit.stackFault(x87, false)) {
      x87.top = x87.top - 1 & 7;
      X87Unit.writeIndefinite(x87, 0);
    }
  }

  private static void pushResult(X87State x87) {
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, x87.env.signExp, x87.env.mantissa);
  }

  private static void pushUncommon(X87State x87) {
    FloatEnv env = x87.env;
    if (!x87.isEmpty(7)) {
      X87Unit.push(x87, 0, 0);
      return;
    }
    env.roundedUp = false;
    boolean stopped = X87Unit.merge(x87);
    // A denormal is loaded though its exception is not masked.
    if (!stopped || (env.unmasked() & FloatEnv.IE) == 0) {
      X87Unit.push(x87, env.signExp, env.mantissa);
    }
  }
}
