package org.maloca.x86.mmu;

/**
 * Dates the translations of fetches that a code cache keeps by linear address. Whoever keeps one
 * keeps {@link #tag} of the address with it; when the translation may have changed, the tag has. So
 * to forget all translations, or those of an address space, costs nothing, and those of an address
 * space that is entered again are found again.
 *
 * <p>A stamp has 15 bits and lies above the 48 bits of a canonical address, whose upper half keeps
 * its sign; addresses of the upper half, the kernel's, have a stamp of their own that lasts over
 * changes of the address space.
 */
public final class FetchStamps {
  private static final int SHIFT = 48;

  /** Stamps that there are; generations go on. */
  private static final int STAMPS = 0x7fff;

  /** What no address has for a tag: no stamp is 0. */
  public static final long NO_TAG = -1;

  private final Runnable exhausted;
  private final long[] spaces = new long[Tlb.SPACES];
  private final RangeFilter pages = new RangeFilter(12);
  private final RangeFilter largePages = new RangeFilter(22);
  private final RangeFilter hugePages = new RangeFilter(30);
  private long last;
  private int space;
  private long lowerGeneration;
  private long upperGeneration;
  private long lower;
  private long upper;

  /** Translations of the upper half that are not global may be kept. */
  private boolean upperIsLocal;

  /**
   * Makes stamps.
   *
   * @param exhausted told when stamps start over: every tag must be forgotten
   */
  FetchStamps(Runnable exhausted) {
    this.exhausted = exhausted;
    allChanged();
  }

  /** What to keep with a translation that holds now, and to look for. */
  public long tag(long va) {
    return va ^ (va < 0 ? upper : lower);
  }

  /**
   * A number that is another one whenever the translation of a fetch may have changed, and never
   * one that stood for other translations. That of code in one half of the address space is the
   * same for all of it.
   */
  public long generation(long va) {
    return va < 0 ? upperGeneration : lowerGeneration;
  }

  /** A fetch was translated, and may be kept by whoever asked for it. */
  void translated(long va, boolean global, int shift) {
    if (shift <= 12) {
      pages.add(va);
    } else if (shift <= 22) {
      largePages.add(va);
    } else if (shift <= 30) {
      hugePages.add(va);
    }
    upperIsLocal |= va < 0 && !global;
  }

  /** A space of {@link Tlb} was entered; its translations were kept or not. */
  void enter(int number, boolean kept) {
    space = number;
    reserve();
    if (!kept) {
      spaces[number] = ++last;
    }
    if (upperIsLocal) {
      upperGeneration = ++last;
      upperIsLocal = false;
    }
    stamp();
  }

  /** The translation of one page may have changed, in every space. */
  void pageChanged(long va) {
    if (pages.mayContain(va) || largePages.mayContain(va) || hugePages.mayContain(va)) {
      allChanged();
    }
  }

  void allChanged() {
    reserve();
    renew();
  }

  /** Before stamps of long ago come again, whoever may still keep them forgets them. */
  private void reserve() {
    long needed = Tlb.SPACES + 1;
    if (last % STAMPS + needed >= STAMPS) {
      last += needed;
      exhausted.run();
      renew();
    }
  }

  private void renew() {
    for (int i = 0; i < spaces.length; i++) {
      spaces[i] = ++last;
    }
    upperGeneration = ++last;
    upperIsLocal = false;
    pages.clear();
    largePages.clear();
    hugePages.clear();
    stamp();
  }

  private void stamp() {
    lowerGeneration = spaces[space];
    lower = stampOf(lowerGeneration);
    upper = stampOf(upperGeneration);
  }

  private static long stampOf(long generation) {
    return generation % STAMPS + 1 << SHIFT;
  }
}
