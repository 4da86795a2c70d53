package org.maloca.x86.simd;

/**
 * Whether the host had to round a binary32 result, as {@link RoundedDouble} tells of binary64:
 * products of two singles are exact as doubles.
 */
final class RoundedSingle {
  private static final float LARGEST_SUM = 0x1p120f;

  private RoundedSingle() {}

  /** A result that is finite and was above all denormals before it was rounded. */
  private static boolean isSettled(float result) {
    return Math.abs(result) > Float.MIN_NORMAL && Math.abs(result) <= Float.MAX_VALUE;
  }

  /** Of a sum; of a difference with {@code b} negated. */
  static int sum(float a, float b, float sum) {
    boolean settled = Math.abs(sum) <= LARGEST_SUM && SingleArithmetic.isPlain(sum);
    if (!settled || !SingleArithmetic.arePlain(a, b)) {
      return RoundedDouble.UNSURE;
    }
    float second = sum - a;
    return RoundedDouble.raised(a - (sum - second) + (b - second) == 0);
  }

  /** Of a product. */
  static int product(float a, float b, float product) {
    if (!SingleArithmetic.arePlain(a, b)) {
      return RoundedDouble.UNSURE;
    }
    if (isSettled(product)) {
      return RoundedDouble.raised((double) a * b == product);
    }
    return SingleArithmetic.isZeroProduct(product, a, b) ? 0 : RoundedDouble.UNSURE;
  }

  /** Of a quotient. */
  static int quotient(float a, float b, float quotient) {
    if (b == 0 || !SingleArithmetic.arePlain(a, b) || Math.abs(b) > Float.MAX_VALUE) {
      return RoundedDouble.UNSURE;
    }
    if (isSettled(quotient)) {
      return RoundedDouble.raised((double) quotient * b == a);
    }
    return a == 0 ? 0 : RoundedDouble.UNSURE;
  }

  /** Of a square root. */
  static int root(float a, float root) {
    if (a > 0 && SingleArithmetic.isPlain(a) && a <= Float.MAX_VALUE) {
      return RoundedDouble.raised((double) root * root == a);
    }
    return a == 0 ? 0 : RoundedDouble.UNSURE;
  }

  /** Of CVTDQ2PS. */
  static int fromInt(int a, float result) {
    return RoundedDouble.raised((double) result == a);
  }
}
