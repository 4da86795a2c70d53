package org.maloca.x86.simd;

import org.maloca.x86.softfloat.FloatEnv;

/**
 * Whether the host, which rounds to nearest, had to round a binary64 result: what is left of it is
 * computed without error (Knuth's sum of two, Dekker's product of two; Handbook of Floating-Point
 * Arithmetic, 4.3 and 4.4). Answers are the exceptions that were raised, {@link FloatEnv#PE} or
 * none, or {@link #UNSURE} where operands are denormal, infinite or NaN, or so large or small that
 * what is left might be neither.
 */
final class RoundedDouble {
  /** Negative, also when combined with the answers for other elements. */
  static final int UNSURE = -1;

  private static final double LARGEST_SUM = 0x1p1000;

  /** Within these, products, their halves and what is left of them are normal or zero. */
  private static final double LARGEST_FACTOR = 0x1p400;

  private static final double SMALLEST_FACTOR = 0x1p-400;

  /** Splits a significand of 53 bits into two halves of at most 26. */
  private static final double SPLITTER = 0x1p27 + 1;

  private RoundedDouble() {}

  /** The answer for a result of which nothing is left, or something. */
  static int raised(boolean exact) {
    return exact ? 0 : FloatEnv.PE;
  }

  /** Of a sum; of a difference with {@code b} negated. */
  static int sum(double a, double b, double sum) {
    boolean settled = Math.abs(sum) <= LARGEST_SUM && DoubleArithmetic.isPlain(sum);
    if (!settled || !DoubleArithmetic.arePlain(a, b)) {
      return UNSURE;
    }
    double second = sum - a;
    return raised(a - (sum - second) + (b - second) == 0);
  }

  private static boolean isFactor(double a) {
    return Math.abs(a) >= SMALLEST_FACTOR && Math.abs(a) <= LARGEST_FACTOR;
  }

  /** Of a product. */
  static int product(double a, double b, double product) {
    if (isFactor(a) && isFactor(b)) {
      return raised(isProduct(a, b, product));
    }
    return DoubleArithmetic.isZeroProduct(product, a, b) && DoubleArithmetic.arePlain(a, b)
        ? 0
        : UNSURE;
  }

  /** Whether a product is just that, without an error. */
  private static boolean isProduct(double a, double b, double product) {
    double scaledA = SPLITTER * a;
    double highA = scaledA - (scaledA - a);
    double lowA = a - highA;
    double scaledB = SPLITTER * b;
    double highB = scaledB - (scaledB - b);
    double lowB = b - highB;
    return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB) == 0;
  }

  /** Of a quotient. */
  static int quotient(double a, double b, double quotient) {
    if (isFactor(b) && isFactor(quotient) && isFactor(a)) {
      return raised(quotient * b == a && isProduct(quotient, b, a));
    }
    return a == 0 && isFactor(b) ? 0 : UNSURE;
  }

  /** Of a square root. */
  static int root(double a, double root) {
    if (a > 0 && isFactor(a)) {
      return raised(root * root == a && isProduct(root, root, a));
    }
    return a == 0 ? 0 : UNSURE;
  }
}
