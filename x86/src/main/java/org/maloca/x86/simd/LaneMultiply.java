package org.maloca.x86.simd;

import static org.maloca.x86.simd.Swar.w0;
import static org.maloca.x86.simd.Swar.w1;
import static org.maloca.x86.simd.Swar.w2;
import static org.maloca.x86.simd.Swar.w3;

/** Multiplications of packed integers, 64 bits at a time. */
public final class LaneMultiply {
  private LaneMultiply() {}

  /** Four words from the low 16 bits of each. */
  public static long join(int w0, int w1, int w2, int w3) {
    return w0 & 0xffffL | (w1 & 0xffffL) << 16 | (w2 & 0xffffL) << 32 | (long) w3 << 48;
  }

  public static long low(long a, long b) {
    return join(w0(a) * w0(b), w1(a) * w1(b), w2(a) * w2(b), w3(a) * w3(b));
  }

  public static long high(long a, long b) {
    return join(w0(a) * w0(b) >> 16, w1(a) * w1(b) >> 16, w2(a) * w2(b) >> 16, w3(a) * w3(b) >> 16);
  }

  public static long highUnsigned(long a, long b) {
    return join(
        (w0(a) & 0xffff) * (w0(b) & 0xffff) >> 16,
        (w1(a) & 0xffff) * (w1(b) & 0xffff) >> 16,
        (w2(a) & 0xffff) * (w2(b) & 0xffff) >> 16,
        (w3(a) & 0xffff) * (w3(b) & 0xffff) >> 16);
  }

  /** PMULHRSW: the product of two fractions, rounded. */
  public static long fractions(long a, long b) {
    return join(
        rounded(w0(a) * w0(b)),
        rounded(w1(a) * w1(b)),
        rounded(w2(a) * w2(b)),
        rounded(w3(a) * w3(b)));
  }

  private static int rounded(int product) {
    return (product >> 14) + 1 >> 1;
  }

  /** PMADDWD. */
  public static long addWordProducts(long a, long b) {
    int low = w0(a) * w0(b) + w1(a) * w1(b);
    int high = w2(a) * w2(b) + w3(a) * w3(b);
    return low & 0xffff_ffffL | (long) high << 32;
  }

  /** PMADDUBSW: unsigned bytes of the destination by signed bytes of the source. */
  public static long addByteProducts(long a, long b) {
    return join(
        byteProducts((int) a, (int) b),
        byteProducts((int) (a >> 16), (int) (b >> 16)),
        byteProducts((int) (a >> 32), (int) (b >> 32)),
        byteProducts((int) (a >> 48), (int) (b >> 48)));
  }

  private static int byteProducts(int a, int b) {
    int sum = (a & 0xff) * (byte) b + (a >> 8 & 0xff) * (byte) (b >> 8);
    return Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  public static long evenUnsignedDwords(long a, long b) {
    return (a & 0xffff_ffffL) * (b & 0xffff_ffffL);
  }

  public static long evenDwords(long a, long b) {
    return (long) (int) a * (int) b;
  }

  public static long lowDwords(long a, long b) {
    return a * b & 0xffff_ffffL | (a >>> 32) * (b >>> 32) << 32;
  }
}
