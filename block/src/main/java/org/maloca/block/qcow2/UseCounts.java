package org.maloca.block.qcow2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How often each cluster is referred to, as a check counts it; memory for what is used only. */
final class UseCounts {
  private @Nullable CountPage[] pages = new CountPage[64];
  private long end;

  void add(long cluster, int times) {
    int number = (int) (cluster / CountPage.SIZE);
    if (number >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
    }
    CountPage page = pages[number];
    if (page == null) {
      page = new CountPage();
      pages[number] = page;
    }
    page.add((int) (cluster % CountPage.SIZE), times);
    end = Math.max(end, cluster + 1);
  }

  int get(long cluster) {
    long number = cluster / CountPage.SIZE;
    CountPage page = number < pages.length ? pages[(int) number] : null;
    return page == null ? 0 : page.get((int) (cluster % CountPage.SIZE));
  }

  /** One more than the last cluster in use. */
  long end() {
    return end;
  }

  /** The first cluster from one up to another that is in use, or the other. */
  long next(long from, long to) {
    long most = Math.min(to, end);
    long at = from;
    while (at < most) {
      long first = at / CountPage.SIZE * CountPage.SIZE;
      CountPage page = pages[(int) (at / CountPage.SIZE)];
      at = first + (page == null ? CountPage.SIZE : page.next((int) (at - first)));
      if (at < first + CountPage.SIZE) {
        return Math.min(at, to);
      }
    }
    return to;
  }
}
