package org.maloca.block.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;

/**
 * A bounded cache of the parts of an image file that hold tables. Changes stay here until {@link
 * #writeDirty}: the owner first makes durable what the new entries refer to, so that no loss of
 * power leaves an entry before its data.
 *
 * <p>A page must hold nothing but tables, since it is written as a whole. Pages and the room to
 * keep them in are made when first needed, as a disk may be in hundreds of files, and used again; a
 * look-up allocates nothing. Not thread-safe: the owner's lock guards it.
 */
public final class PageCache {
  private static final long NONE = -1;
  private static final int FIRST_SLOTS = 64;

  private final ImageFile file;
  private final int pageBytes;
  private final ByteOrder order;
  private final int capacity;
  private int[] heads;
  private int[] next;
  private long[] pages;
  private boolean[] used;
  private boolean[] dirty;
  private @Nullable ByteBuffer[] buffers;
  private int count;
  private int dirtyCount;
  private int hand;

  /**
   * Makes an empty cache.
   *
   * @param pageBytes size and alignment of a page in the file
   * @param capacity pages at most; half of them may be dirty before the owner must write them
   */
  public PageCache(ImageFile file, int pageBytes, int capacity, ByteOrder order) {
    this.file = file;
    this.pageBytes = pageBytes;
    this.capacity = capacity;
    this.order = order;
    int slots = Math.min(capacity, FIRST_SLOTS);
    heads = heads(slots);
    next = new int[slots];
    pages = new long[slots];
    used = new boolean[slots];
    dirty = new boolean[slots];
    buffers = new ByteBuffer[slots];
    Arrays.fill(pages, NONE);
  }

  private static int[] heads(int slots) {
    int[] heads = new int[Integer.highestOneBit(slots) * 2];
    Arrays.fill(heads, -1);
    return heads;
  }

  /** Makes room for twice as many pages. */
  private void grow() {
    int slots = Math.min(capacity, 2 * count);
    heads = heads(slots);
    next = new int[slots];
    pages = Arrays.copyOf(pages, slots);
    used = Arrays.copyOf(used, slots);
    dirty = Arrays.copyOf(dirty, slots);
    buffers = Arrays.copyOf(buffers, slots);
    Arrays.fill(pages, count, slots, NONE);
    for (int slot = 0; slot < count; slot++) {
      if (pages[slot] != NONE) {
        link(slot);
      }
    }
  }

  /** Whether the page of a position of the file is here, so that asking for it waits for nobody. */
  public boolean has(long position) {
    return slotOf(position / pageBytes) >= 0;
  }

  /** The byte at a position of the file. */
  public int getByte(long position) throws IOException {
    return page(position).get(offset(position)) & 0xff;
  }

  /** The unsigned 32-bit number at a position of the file, aligned to 4. */
  public long getInt(long position) throws IOException {
    return page(position).getInt(offset(position)) & 0xffff_ffffL;
  }

  /** The 64-bit number at a position of the file, aligned to 8. */
  public long getLong(long position) throws IOException {
    return page(position).getLong(offset(position));
  }

  public void putByte(long position, int value) throws IOException {
    ByteBuffer page = page(position);
    markDirty(position);
    page.put(offset(position), (byte) value);
  }

  public void putInt(long position, long value) throws IOException {
    ByteBuffer page = page(position);
    markDirty(position);
    page.putInt(offset(position), (int) value);
  }

  public void putLong(long position, long value) throws IOException {
    ByteBuffer page = page(position);
    markDirty(position);
    page.putLong(offset(position), value);
  }

  public boolean isDirty() {
    return dirtyCount > 0;
  }

  /** Whether so many pages are dirty that they should be written before more become so. */
  public boolean isCrowded() {
    return dirtyCount >= capacity / 2;
  }

  public int dirtyPages() {
    return dirtyCount;
  }

  /** Shows dirty pages, at most {@code limit}; they stay dirty. */
  public void forEachDirty(int limit, DirtyPage action) throws IOException {
    int shown = 0;
    for (int slot = 0; shown < limit && slot < count; slot++) {
      if (dirty[slot]) {
        action.accept(pages[slot] * pageBytes, buffer(slot).clear());
        shown++;
      }
    }
  }

  /** Writes all dirty pages. What could not be written stays dirty. */
  public void writeDirty() throws IOException {
    writeDirty(capacity);
  }

  /** Writes the dirty pages that {@link #forEachDirty} shows. */
  public void writeDirty(int limit) throws IOException {
    int written = 0;
    for (int slot = 0; written < limit && dirtyCount > 0 && slot < count; slot++) {
      if (dirty[slot]) {
        file.write(pages[slot] * pageBytes, buffer(slot).clear());
        dirty[slot] = false;
        dirtyCount--;
        written++;
      }
    }
  }

  /** Forgets every page, changed ones too: the file was changed behind the cache. */
  public void clear() {
    Arrays.fill(heads, -1);
    Arrays.fill(pages, NONE);
    Arrays.fill(dirty, false);
    dirtyCount = 0;
    count = 0;
  }

  /**
   * The position of the first 32-bit number from one on that is not zero, or the end. What is a
   * hole of the file is passed at once: a table may claim to be far larger than what the file has
   * of it.
   *
   * @param position aligned to 4
   */
  public long skipZeros(long position, long end) throws IOException {
    long at = position;
    while (at < end) {
      long page = at / pageBytes;
      if (slotOf(page) < 0) {
        long next = nextContent(at) / pageBytes;
        if (next > page) {
          at = next > end / pageBytes ? end : next * pageBytes;
          continue;
        }
      }
      ByteBuffer bytes = page(at);
      long pageEnd = Math.min(end, (page + 1) * pageBytes);
      for (; at < pageEnd; at += Integer.BYTES) {
        if (bytes.getInt(offset(at)) != 0) {
          return at;
        }
      }
    }
    return end;
  }

  /** Where data of the file, or a changed page, is next; far out where neither is. */
  private long nextContent(long position) throws IOException {
    long data = file.nextData(position);
    long next = data >= file.size() ? Long.MAX_VALUE : data;
    for (int slot = 0; dirtyCount > 0 && slot < count; slot++) {
      long start = pages[slot] * pageBytes;
      if (dirty[slot] && start > position) {
        next = Math.min(next, start);
      }
    }
    return next;
  }

  private int offset(long position) {
    return (int) (position % pageBytes);
  }

  private void markDirty(long position) {
    int slot = slotOf(position / pageBytes);
    if (!dirty[slot]) {
      dirty[slot] = true;
      dirtyCount++;
    }
  }

  private ByteBuffer page(long position) throws IOException {
    long page = position / pageBytes;
    int slot = slotOf(page);
    return buffer(slot >= 0 ? slot : load(page));
  }

  private int slotOf(long page) {
    for (int slot = heads[bucket(page)]; slot >= 0; slot = next[slot]) {
      if (pages[slot] == page) {
        used[slot] = true;
        return slot;
      }
    }
    return -1;
  }

  private int load(long page) throws IOException {
    if (count == pages.length && count < capacity) {
      grow();
    }
    int slot = count < capacity ? count++ : evict();
    ByteBuffer buffer = buffer(slot).clear();
    file.read(page * pageBytes, buffer);
    pages[slot] = page;
    used[slot] = true;
    link(slot);
    return slot;
  }

  private void link(int slot) {
    int bucket = bucket(pages[slot]);
    next[slot] = heads[bucket];
    heads[bucket] = slot;
  }

  /** Goes round until it meets a clean page that nobody asked for since the last round. */
  private int evict() {
    while (used[hand] || dirty[hand]) {
      used[hand] = false;
      hand = (hand + 1) % capacity;
    }
    int slot = hand;
    hand = (hand + 1) % capacity;
    unlink(slot);
    return slot;
  }

  private void unlink(int slot) {
    if (pages[slot] == NONE) {
      return;
    }
    int bucket = bucket(pages[slot]);
    if (heads[bucket] == slot) {
      heads[bucket] = next[slot];
    } else {
      int before = heads[bucket];
      while (next[before] != slot) {
        before = next[before];
      }
      next[before] = next[slot];
    }
    pages[slot] = NONE;
  }

  private int bucket(long page) {
    return (int) (page * 0x9e37_79b9_7f4a_7c15L >>> 40) & heads.length - 1;
  }

  private ByteBuffer buffer(int slot) {
    ByteBuffer buffer = buffers[slot];
    if (buffer == null) {
      buffer = ByteBuffer.allocate(pageBytes).order(order);
      buffers[slot] = buffer;
    }
    return buffer;
  }

  /** Takes a dirty page: where it lies in the file, and its bytes. */
  public interface DirtyPage {
    void accept(long position, ByteBuffer bytes) throws IOException;
  }
}
