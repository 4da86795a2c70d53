package org.maloca.x86;

/**
 * RFLAGS bits and the lazy arithmetic flags (AMD APM vol. 1, 3.1.4).
 *
 * <p>An instruction that sets flags leaves only what they follow from: a kind with the operand
 * size, the result and one source, in {@link Cpu#flagKind}, {@link Cpu#flagResult} and {@link
 * Cpu#flagSource}. Whoever needs a flag computes it. A kind's code is {@code KIND | log2(size)}.
 * Instructions that change CF or OF alone lay the new value over the old kind, in its higher bits.
 *
 * <p>{@code flagResult} and {@code flagSource} may carry junk above the operand size.
 */
public final class Flags {
  public static final int CF = 1;
  public static final int PF = 1 << 2;
  public static final int AF = 1 << 4;
  public static final int ZF = 1 << 6;
  public static final int SF = 1 << 7;
  public static final int TF = 1 << 8;
  public static final int IF = 1 << 9;
  public static final int DF = 1 << 10;
  public static final int OF = 1 << 11;
  public static final int IOPL = 3 << 12;
  public static final int NT = 1 << 14;
  public static final int RF = 1 << 16;
  public static final int VM = 1 << 17;
  public static final int AC = 1 << 18;
  public static final int VIF = 1 << 19;
  public static final int VIP = 1 << 20;
  public static final int ID = 1 << 21;

  /** The six arithmetic flags. */
  public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

  /** {@code flagSource} holds the flags themselves. */
  public static final int KNOWN = 0;

  /** result = a + b; source is b. */
  public static final int ADD = 1 << 2;

  /** result = a + b + 1; source is b. */
  public static final int ADD_CARRY = 2 << 2;

  /** result = a - b; source is b. */
  public static final int SUB = 3 << 2;

  /** result = a - b - 1; source is b. */
  public static final int SUB_BORROW = 4 << 2;

  /** CF, OF and AF are 0; source is unused. */
  public static final int LOGIC = 5 << 2;

  /** result = a + 1; source is the CF from before (0 or 1). */
  public static final int INC = 6 << 2;

  /** result = a - 1; source is the CF from before (0 or 1). */
  public static final int DEC = 7 << 2;

  /** ZF, SF, PF of the result; source holds CF, AF and OF at their places. */
  public static final int RESULT_AND_CARRIES = 8 << 2;

  /** result = source << 1, where source is the operand shifted by all places but one. AF is set. */
  public static final int SHIFT_LEFT = 9 << 2;

  /** result = source >>> 1, source zero-extended; else as {@link #SHIFT_LEFT}. */
  public static final int SHIFT_RIGHT = 10 << 2;

  /** result = source >> 1, source sign-extended; else as {@link #SHIFT_LEFT}. */
  public static final int SHIFT_ARITHMETIC = 11 << 2;

  /** As {@link #SUB} with result = flagResult - source: nobody need subtract before he asks. */
  public static final int COMPARE = 12 << 2;

  /** As {@link #LOGIC} with result = flagResult & source. */
  public static final int TEST = 13 << 2;

  /** The bits of a kind that tell what most flags follow from, without those that follow. */
  public static final int KIND_MASK = 0xff;

  /** CF is {@link #OVERLAY_CF} of the kind, whatever it follows from: rotates, BT and others. */
  public static final int OVERLAYS_CF = 1 << 8;

  /** OF is {@link #OVERLAY_OF} of the kind, whatever it follows from. */
  public static final int OVERLAYS_OF = 1 << 9;

  /** The value of CF; 0 unless overlaid. The bit that follows it in the kind is OF's. */
  public static final int OVERLAY_CF = 1 << 10;

  /** The value of OF, which happens to be at its own place; 0 unless overlaid. */
  public static final int OVERLAY_OF = 1 << 11;

  private Flags() {}

  /** All six arithmetic flags of a lazy triple. */
  public static int compute(int kind, long result, long source) {
    if (kind <= KIND_MASK) {
      return computeUnder(kind, result, source);
    }
    int overlaid = ((kind & OVERLAYS_CF) != 0 ? CF : 0) | ((kind & OVERLAYS_OF) != 0 ? OF : 0);
    int values = ((kind & OVERLAY_CF) != 0 ? CF : 0) | kind & OVERLAY_OF;
    return computeUnder(kind & KIND_MASK, result, source) & ~overlaid | values;
  }

  private static int computeUnder(int kind, long result, long source) {
    if (kind == KNOWN) {
      return (int) source & ARITHMETIC;
    }
    switch (kind & ~3) {
      case COMPARE -> {
        return computeUnder(SUB | kind & 3, result - source, source);
      }
      case TEST -> {
        return computeUnder(LOGIC | kind & 3, result & source, source);
      }
      default -> {}
    }
    int shift = 64 - (8 << (kind & 3));
    long r = result << shift;
    int flags = parity(result);
    if (r == 0) {
      flags |= ZF;
    }
    if (r < 0) {
      flags |= SF;
    }
    return flags | carries(kind & ~3, r, source, result, shift);
  }

  private static int carries(int kind, long r, long source, long result, int shift) {
    long b = source << shift;
    return switch (kind) {
      case ADD -> {
        long a = r - b;
        yield (Long.compareUnsigned(r, b) < 0 ? CF : 0)
            | overflow((a ^ r) & (b ^ r))
            | auxiliary(result - source, source, result);
      }
      case ADD_CARRY -> {
        long a = r - b - (1L << shift);
        yield (Long.compareUnsigned(r, b) <= 0 ? CF : 0)
            | overflow((a ^ r) & (b ^ r))
            | auxiliary(result - source - 1, source, result);
      }
      case SUB -> {
        long a = r + b;
        yield (Long.compareUnsigned(a, b) < 0 ? CF : 0)
            | overflow((a ^ b) & (a ^ r))
            | auxiliary(result + source, source, result);
      }
      case SUB_BORROW -> {
        long a = r + b + (1L << shift);
        yield (Long.compareUnsigned(a, b) <= 0 ? CF : 0)
            | overflow((a ^ b) & (a ^ r))
            | auxiliary(result + source + 1, source, result);
      }
      case INC ->
          (int) source & CF | (r == Long.MIN_VALUE ? OF : 0) | ((result & 0xf) == 0 ? AF : 0);
      case DEC ->
          (int) source & CF
              | (r == (Long.MAX_VALUE >>> shift << shift) ? OF : 0)
              | ((result & 0xf) == 0xf ? AF : 0);
      case RESULT_AND_CARRIES -> (int) source & (CF | AF | OF);
      case SHIFT_LEFT -> (int) (b >>> 63) | overflow(b ^ r) | AF;
      case SHIFT_RIGHT -> (int) source & CF | overflow(b) | AF;
      case SHIFT_ARITHMETIC -> (int) source & CF | AF;
      default -> 0;
    };
  }

  private static int overflow(long signBit) {
    return (int) (signBit >>> 63) * OF;
  }

  private static int auxiliary(long a, long b, long result) {
    return (int) (a ^ b ^ result) & AF;
  }

  /** PF of a result's low byte, at its place. */
  public static int parity(long result) {
    int x = (int) result & 0xff;
    return (0x9669 >>> ((x ^ x >>> 4) & 0xf) & 1) << 2;
  }

  /** CF of a lazy triple. */
  public static boolean carry(int kind, long result, long source) {
    if ((kind & OVERLAYS_CF) != 0) {
      return (kind & OVERLAY_CF) != 0;
    }
    int shift = 64 - (8 << (kind & 3));
    return switch (kind & KIND_MASK & ~3) {
      case KNOWN, INC, DEC, RESULT_AND_CARRIES, SHIFT_RIGHT, SHIFT_ARITHMETIC -> (source & CF) != 0;
      case SHIFT_LEFT -> source << shift < 0;
      case ADD, COMPARE -> Long.compareUnsigned(result << shift, source << shift) < 0;
      case ADD_CARRY -> Long.compareUnsigned(result << shift, source << shift) <= 0;
      case SUB -> Long.compareUnsigned((result + source) << shift, source << shift) < 0;
      case SUB_BORROW -> Long.compareUnsigned((result + source + 1) << shift, source << shift) <= 0;
      default -> false;
    };
  }

  /** OF of a lazy triple. */
  public static boolean overflow(int kind, long result, long source) {
    if ((kind & OVERLAYS_OF) != 0) {
      return (kind & OVERLAY_OF) != 0;
    }
    return (compute(kind, result, source) & OF) != 0;
  }

  /** Whether condition code {@code condition} (0 to 15, as in Jcc) holds. */
  public static boolean condition(int condition, int kind, long result, long source) {
    boolean holds =
        switch (condition >>> 1) {
          case 1 -> carry(kind, result, source);
          case 2 -> zero(kind, result, source);
          case 3 -> zero(kind, result, source) || carry(kind, result, source);
          case 4 -> sign(kind, result, source);
          default -> conditionOfAll(condition >>> 1, compute(kind, result, source));
        };
    return holds ^ (condition & 1) != 0;
  }

  /** ZF of a lazy triple. */
  public static boolean zero(int kind, long result, long source) {
    return (kind & KIND_MASK) == KNOWN
        ? (source & ZF) != 0
        : result(kind, result, source) << 64 - (8 << (kind & 3)) == 0;
  }

  /** SF of a lazy triple. */
  public static boolean sign(int kind, long result, long source) {
    return (kind & KIND_MASK) == KNOWN
        ? (source & SF) != 0
        : result(kind, result, source) << 64 - (8 << (kind & 3)) < 0;
  }

  private static long result(int kind, long result, long source) {
    return switch (kind & KIND_MASK & ~3) {
      case COMPARE -> result - source;
      case TEST -> result & source;
      default -> result;
    };
  }

  private static boolean conditionOfAll(int pair, int flags) {
    boolean less = (flags & SF) != 0 ^ (flags & OF) != 0;
    return switch (pair) {
      case 0 -> (flags & OF) != 0;
      case 5 -> (flags & PF) != 0;
      case 6 -> less;
      default -> less || (flags & ZF) != 0;
    };
  }
}
