package org.maloca.fuzz;

import java.util.SplittableRandom;

/** Operand values at which instructions change their behaviour, mixed with random ones. */
final class Values {
  private static final long[] INTEGERS = {
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    65,
    127,
    128,
    129,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    -1,
    -2,
    -3,
    -128,
    -129,
    -32768,
    -32769,
    -0x8000_0000L,
    -0x8000_0001L,
    0x5555_5555_5555_5555L,
    0xaaaa_aaaa_aaaa_aaaaL,
    0x0123_4567_89ab_cdefL,
    0xfedc_ba98_7654_3210L,
    0x8080_8080_8080_8080L,
    0x7f7f_7f7f_7f7f_7f7fL,
    0x0102_0408_1020_4080L,
    0x0001_0002_0004_8000L,
    0x7fff_8000_ffff_0001L,
    0x8000_7fff_0000_ffffL,
    0x7fff_ffff_8000_0000L,
    0x8000_0000_7fff_ffffL
  };

  private static final int[] FLOATS = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
    0x7f800001, 0xff800001, 0x7fbfffff, 0x7fc12345, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff,
    0x00800000, 0x80800000, 0x00800001, 0x7f7fffff, 0xff7fffff, 0x7f000000, 0x3f000000, 0x3fc00000,
    0x40200000, 0xbf000000, 0xbfc00000, 0x3f7fffff, 0x3f800001, 0x4b000000, 0x4b000001, 0x4affffff,
    0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x5f000000, 0xdf000000, 0x5effffff, 0x33800000,
    0x33800001, 0x1f800000, 0x20000000, 0x1fb504f3, 0x5f3504f3, 0x40490fdb, 0x3f317218, 0x40000000
  };

  private static final long[] DOUBLES = {
    0,
    Long.MIN_VALUE,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x7ff8000000000000L,
    0xfff8000000000000L,
    0x7ff0000000000001L,
    0xfff0000000000001L,
    0x7ff7ffffffffffffL,
    0x7ff8123456789abcL,
    1,
    0x8000000000000001L,
    0x000fffffffffffffL,
    0x800fffffffffffffL,
    0x0010000000000000L,
    0x8010000000000000L,
    0x0010000000000001L,
    0x7fefffffffffffffL,
    0xffefffffffffffffL,
    0x3fe0000000000000L,
    0x3ff8000000000000L,
    0x4004000000000000L,
    0xbfe0000000000000L,
    0xbff8000000000000L,
    0x3fefffffffffffffL,
    0x3ff0000000000001L,
    0x4330000000000000L,
    0x4330000000000001L,
    0x432fffffffffffffL,
    0x41dfffffffc00000L,
    0x41dfffffffe00000L,
    0x41e0000000000000L,
    0xc1e0000000000000L,
    0xc1e0000000200000L,
    0xc1e0000000100000L,
    0x43e0000000000000L,
    0xc3e0000000000000L,
    0x43dfffffffffffffL,
    0x47efffffe0000000L,
    0x47effffff0000000L,
    0x47efffffefffffffL,
    0x47f0000000000000L,
    0x3810000000000000L,
    0x380fffffffffffffL,
    0x36a0000000000000L,
    0x3690000000000000L,
    0x3690000000000001L,
    0x3ca0000000000000L,
    0x3cb0000000000000L,
    0x1e60000000000000L,
    0x2000000000000000L,
    0x400921fb54442d18L,
    0x3fe62e42fefa39efL,
    0x4000000000000000L
  };

  /** Sign and exponent, then significand. */
  private static final long[][] EXTENDED = {
    {0, 0},
    {0x8000, 0},
    {0x3fff, Long.MIN_VALUE},
    {0xbfff, Long.MIN_VALUE},
    {0x4000, Long.MIN_VALUE},
    {0x3ffe, Long.MIN_VALUE},
    {0x3fff, 0xc000000000000000L},
    {0x4000, 0xa000000000000000L},
    {0x7fff, Long.MIN_VALUE},
    {0xffff, Long.MIN_VALUE},
    {0x7fff, 0xc000000000000000L},
    {0xffff, 0xc000000000000000L},
    {0x7fff, 0x8000000000000001L},
    {0x7fff, 0xbfffffffffffffffL},
    {0xffff, -1},
    {0, 1},
    {0x8000, 1},
    {0, Long.MAX_VALUE},
    {0, Long.MIN_VALUE},
    {0x8000, -1},
    {1, Long.MIN_VALUE},
    {1, 0x8000000000000001L},
    {0x7ffe, -1},
    {0xfffe, -1},
    {0x403e, Long.MIN_VALUE},
    {0xc03e, Long.MIN_VALUE},
    {0x403d, -1},
    {0x403e, -1},
    {0x401e, Long.MIN_VALUE},
    {0xc01e, 0x8000000100000000L},
    {0x401d, 0xffffffff00000000L},
    {0x400d, 0xfffe000000000000L},
    {0x400e, Long.MIN_VALUE},
    {0x3fbf, Long.MIN_VALUE},
    {0x3fc0, 0x8000000000000001L},
    {0x3fbe, Long.MIN_VALUE},
    {0x4000, 0xc90fdaa22168c235L},
    {0x3ffe, 0xb17217f7d1cf79acL},
    {0x403a, 0xde0b6b3a763ffff0L},
    {0x403a, 0xde0b6b3a76400000L},
    {0x3f81, Long.MIN_VALUE},
    {0x407e, 0xffffff0000000000L},
    {0x407e, 0xffffff8000000000L},
    {0x3c01, Long.MIN_VALUE},
    {0x43fe, 0xfffffffffffff800L},
    {0x43fe, 0xfffffffffffffc00L},
    {0x3bcd, Long.MIN_VALUE},
    {0x3f6a, Long.MIN_VALUE},
    {0x3fff, 1},
    {0x3fff, 0},
    {0x7fff, 0},
    {0x7fff, 1},
    {0x7ffe, 1}
  };

  private Values() {}

  static long integer(SplittableRandom random) {
    long bits = random.nextLong();
    return switch ((int) (bits & 7)) {
      case 0, 1, 2 -> INTEGERS[(int) ((bits >>> 8) % INTEGERS.length)];
      case 3 -> 1L << (bits >>> 58);
      case 4 -> bits >> 56;
      default -> random.nextLong();
    };
  }

  static int single(SplittableRandom random) {
    int bits = random.nextInt();
    return switch (bits & 15) {
      case 0, 1, 2, 3, 4, 5 -> FLOATS[(bits >>> 4) % FLOATS.length];
      // Near each other, so that sums cancel and round.
      case 6, 7, 8, 9, 10 -> (bits & 0x807fffff) | (0x70 + (random.nextInt() & 31) << 23);
      case 11 -> FLOATS[(bits >>> 4) % FLOATS.length] + (random.nextInt() & 3) - 1;
      case 12 -> Float.floatToRawIntBits(random.nextInt(-100000, 100000) * 0.5f);
      default -> random.nextInt();
    };
  }

  static long dbl(SplittableRandom random) {
    long bits = random.nextLong();
    return switch ((int) bits & 15) {
      case 0, 1, 2, 3, 4, 5 -> DOUBLES[(int) ((bits >>> 4) % DOUBLES.length)];
      case 6, 7, 8, 9, 10 ->
          (bits & 0x800fffffffffffffL) | (0x3e0L + (random.nextInt() & 63) << 52);
      case 11 -> DOUBLES[(int) ((bits >>> 4) % DOUBLES.length)] + (random.nextInt() & 3) - 1;
      case 12 -> Double.doubleToRawLongBits(random.nextInt(-100000, 100000) * 0.5);
      case 13 -> Double.doubleToRawLongBits(Float.intBitsToFloat(single(random)));
      default -> random.nextLong();
    };
  }

  /** An element of the style {@code data}, eight bytes. */
  static long element(SplittableRandom random, Form.Data data) {
    return switch (data) {
      case INT -> integer(random);
      case F32 -> (single(random) & 0xffffffffL) | ((long) single(random) << 32);
      case F64 -> dbl(random);
      case F80 -> extended(random)[1];
      case BCD -> bcd(random);
    };
  }

  /** Sign and exponent, then significand, of a double extended value. */
  static long[] extended(SplittableRandom random) {
    long bits = random.nextLong();
    switch ((int) bits & 15) {
      case 0, 1, 2, 3, 4, 5, 6 -> {
        return EXTENDED[(int) ((bits >>> 4) % EXTENDED.length)];
      }
      case 7, 8, 9, 10 -> {
        long exponent = 0x3fff - 40 + random.nextInt(120) | (bits >>> 48 & 0x8000);
        return new long[] {exponent, random.nextLong() | Long.MIN_VALUE};
      }
      case 11 -> {
        long value = random.nextInt(-100000, 100000);
        return fromLong(value == 0 ? 1 : value);
      }
      case 12 -> {
        // Values that narrow to the edges of single and double precision.
        long exponent = (random.nextBoolean() ? 0x3f6a : 0x3bcd) + random.nextInt(60);
        return new long[] {exponent, random.nextLong() | Long.MIN_VALUE};
      }
      case 13 -> {
        long significand = Long.MIN_VALUE | random.nextLong() << (random.nextInt() & 63);
        return new long[] {0x3fff + random.nextInt(70) - 2, significand};
      }
      default -> {
        return new long[] {bits >>> 48, random.nextLong() | Long.MIN_VALUE};
      }
    }
  }

  private static long[] fromLong(long value) {
    int shift = Long.numberOfLeadingZeros(Math.abs(value));
    long exponent = 0x3fff + 63 - shift;
    return new long[] {value < 0 ? exponent | 0x8000 : exponent, Math.abs(value) << shift};
  }

  private static long bcd(SplittableRandom random) {
    if (random.nextInt(8) == 0) {
      return random.nextLong();
    }
    long digits = 0;
    for (int i = 0; i < 16; i++) {
      digits = digits << 4 | random.nextInt(10);
    }
    return digits;
  }
}
