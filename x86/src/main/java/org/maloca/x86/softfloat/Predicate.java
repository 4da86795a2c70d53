package org.maloca.x86.softfloat;

/** The 32 comparison predicates of (V)CMPPS/PD/SS/SD: Intel SDM volume 2, CMPPD, table 3-1. */
final class Predicate {
  /** Per low four bits: which of less (1), equal (2), greater (4), unordered (8) yield true. */
  private static final long TRUTH = 0xf465_0b9a_7ced_8312L;

  /** Low 16 predicates that raise IE for a quiet NaN; the upper 16 are the others. */
  private static final int SIGNALING = 0x6666;

  private Predicate() {}

  static boolean signaling(int predicate) {
    return (SIGNALING >>> (predicate & 15) & 1 ^ predicate >>> 4 & 1) != 0;
  }

  /** {@code relation} as returned by compare: -1, 0, 1, 2. */
  static boolean holds(int predicate, int relation) {
    return (TRUTH >>> 4 * (predicate & 15) >>> (relation + 1) & 1) != 0;
  }
}
