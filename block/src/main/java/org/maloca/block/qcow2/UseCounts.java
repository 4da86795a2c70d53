package org.maloca.block.qcow2;

import java.util.Arrays;

/** How often each cluster is referred to, as a check counts it; memory for what is used only. */
final class UseCounts {
  private static final int PAGE_BITS = 12;

  private int[][] pages = new int[64][];
  private long end;

  void add(long cluster, int times) {
    int page = (int) (cluster >>> PAGE_BITS);
    if (page >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
    }
    int[] counts = pages[page];
    if (counts == null) {
      counts = new int[1 << PAGE_BITS];
      pages[page] = counts;
    }
    counts[(int) cluster & counts.length - 1] += times;
    end = Math.max(end, cluster + 1);
  }

  int get(long cluster) {
    long page = cluster >>> PAGE_BITS;
    if (page >= pages.length || pages[(int) page] == null) {
      return 0;
    }
    return pages[(int) page][(int) cluster & (1 << PAGE_BITS) - 1];
  }

  /** One more than the last cluster in use. */
  long end() {
    return end;
  }

  /** The first cluster from one up to another that is in use, or the other. */
  long next(long from, long to) {
    long at = from;
    while (at < Math.min(to, end)) {
      int[] counts = pages[(int) (at >>> PAGE_BITS)];
      if (counts == null) {
        at = (at >>> PAGE_BITS) + 1 << PAGE_BITS;
      } else if (counts[(int) at & counts.length - 1] != 0) {
        return at;
      } else {
        at++;
      }
    }
    return to;
  }
}
