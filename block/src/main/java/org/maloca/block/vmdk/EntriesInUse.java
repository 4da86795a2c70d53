package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.block.table.PageCache;

/**
 * Goes over the indexes at which a table, or its redundant copy, has an entry other than zero: of a
 * directory for tebibytes a file may have a few.
 */
final class EntriesInUse {
  private static final int ENTRY_BYTES = 4;

  private final PageCache pages;
  private final long end;
  private final long table;
  private final long copy;
  private long index;
  private long copyIndex;

  /**
   * Begins before the first entry.
   *
   * @param table where in the file the table is
   * @param copy where its copy is, or 0 without one
   */
  EntriesInUse(PageCache pages, long table, long copy, long entries) throws IOException {
    this.pages = pages;
    this.table = table;
    this.copy = copy;
    end = entries;
    index = find(table, 0);
    copyIndex = copy == 0 ? end : find(copy, 0);
  }

  /** The next index, or -1. */
  long next() throws IOException {
    long found = Math.min(index, copyIndex);
    if (found == end) {
      return -1;
    }
    if (index == found) {
      index = find(table, found + 1);
    }
    if (copyIndex == found) {
      copyIndex = find(copy, found + 1);
    }
    return found;
  }

  private long find(long start, long from) throws IOException {
    long position = pages.skipZeros(start + from * ENTRY_BYTES, start + end * ENTRY_BYTES);
    return (position - start) / ENTRY_BYTES;
  }
}
