package org.maloca.x86.translate;

/**
 * How a region is entered at one place, packed into a long: where the place is, for which mode its
 * code is, and which number the entry has. What is packed costs the host's cache one miss where it
 * would be three.
 */
public final class Landing {
  private static final int OFFSET_SHIFT = 32;
  private static final int MODE_SHIFT = 16;
  private static final int MODE_MASK = 0x7fff;
  private static final int ENTRY_MASK = 0xffff;

  /** The target holds the place that the call which leads here is returned to. */
  private static final long LEADS_BACK = 1L << 31;

  private Landing() {}

  /**
   * Packs a landing.
   *
   * @param entryOffset the place, from the region's base
   * @param mode {@link org.maloca.x86.ir.CodeMode} of the region
   * @param entry number of the entry
   */
  public static long of(int entryOffset, int mode, int entry) {
    return (long) entryOffset << OFFSET_SHIFT | (long) mode << MODE_SHIFT | entry;
  }

  static long leadingBack(long landing) {
    return landing | LEADS_BACK;
  }

  static boolean leadsBack(long landing) {
    return (landing & LEADS_BACK) != 0;
  }

  /** The place, from the region's base. */
  public static long entryOffset(long landing) {
    return landing >> OFFSET_SHIFT;
  }

  public static int mode(long landing) {
    return (int) landing >>> MODE_SHIFT & MODE_MASK;
  }

  public static int entry(long landing) {
    return (int) landing & ENTRY_MASK;
  }
}
