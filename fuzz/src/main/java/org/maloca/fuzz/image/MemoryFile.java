package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.maloca.block.file.ImageFile;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.memory.IoVector;

/**
 * A sparse file in memory, on a small disk: it can claim to be as long as files of the host can be,
 * but it is full when {@link #MAX_PAGES} pages of it have content. Safe for any thread.
 */
final class MemoryFile implements ImageFile {
  static final int PAGE_BYTES = 4096;
  static final int MAX_PAGES = 4096;

  /** As ext4 has it. */
  static final long MAX_BYTES = 16L << 40;

  private static final int COPY_BYTES = 1 << 16;

  private final String name;
  private final boolean isReadOnly;
  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long sizeBytes;

  MemoryFile(String name, boolean isReadOnly) {
    this.name = name;
    this.isReadOnly = isReadOnly;
  }

  /** What is in it now, and what may be done with that said anew. */
  synchronized MemoryFile copy(boolean readOnly) {
    MemoryFile copy = new MemoryFile(name, readOnly);
    pages.forEach((page, bytes) -> copy.pages.put(page, bytes.clone()));
    copy.sizeBytes = sizeBytes;
    return copy;
  }

  /** The pages with content by their number. */
  synchronized Map<Long, byte[]> pages() {
    return new TreeMap<>(pages);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  @Override
  public synchronized long size() {
    return sizeBytes;
  }

  @Override
  public synchronized void setSize(long bytes) throws IOException {
    checkWritable();
    checkEnd(bytes, 0);
    if (bytes < sizeBytes) {
      clear(bytes, sizeBytes);
    }
    sizeBytes = bytes;
  }

  private void checkWritable() throws IOException {
    if (isReadOnly) {
      throw new IOException(name + " is read-only");
    }
  }

  private void checkEnd(long position, long length) throws IOException {
    if (position < 0 || length < 0) {
      // A host would refuse it too, but who asks for such a thing has computed wrongly.
      throw new IllegalArgumentException("%d bytes at %d".formatted(length, position));
    }
    if (position > MAX_BYTES - length) {
      throw new IOException("file too large");
    }
  }

  @Override
  public synchronized void read(long position, ByteBuffer target) throws IOException {
    if (position < 0) {
      throw new IllegalArgumentException("a read at " + position);
    }
    long at = position;
    while (target.hasRemaining()) {
      int inPage = (int) (at % PAGE_BYTES);
      int length = Math.min(PAGE_BYTES - inPage, target.remaining());
      byte[] page = at < sizeBytes ? pages.get(at / PAGE_BYTES) : null;
      if (page == null) {
        target.put(new byte[length]);
      } else {
        target.put(page, inPage, length);
      }
      at += length;
    }
  }

  @Override
  public synchronized void write(long position, ByteBuffer source) throws IOException {
    checkWritable();
    checkEnd(position, source.remaining());
    long at = position;
    while (source.hasRemaining()) {
      int inPage = (int) (at % PAGE_BYTES);
      int length = Math.min(PAGE_BYTES - inPage, source.remaining());
      source.get(page(at / PAGE_BYTES), inPage, length);
      at += length;
      sizeBytes = Math.max(sizeBytes, at);
    }
  }

  private byte[] page(long number) throws DiskFullException {
    byte[] page = pages.get(number);
    if (page == null) {
      if (pages.size() == MAX_PAGES) {
        throw new DiskFullException(name + ": no room", new IOException("no space left"));
      }
      page = new byte[PAGE_BYTES];
      pages.put(number, page);
    }
    return page;
  }

  @Override
  public void read(long position, IoVector target) throws IOException {
    byte[] bytes = new byte[(int) Math.min(COPY_BYTES, target.bytes())];
    for (long done = 0; done < target.bytes(); done += bytes.length) {
      int length = (int) Math.min(bytes.length, target.bytes() - done);
      read(position + done, ByteBuffer.wrap(bytes, 0, length));
      target.copyFrom(done, bytes, 0, length);
    }
  }

  @Override
  public void write(long position, IoVector source) throws IOException {
    byte[] bytes = new byte[(int) Math.min(COPY_BYTES, source.bytes())];
    for (long done = 0; done < source.bytes(); done += bytes.length) {
      int length = (int) Math.min(bytes.length, source.bytes() - done);
      source.copyTo(done, bytes, 0, length);
      write(position + done, ByteBuffer.wrap(bytes, 0, length));
    }
  }

  @Override
  public synchronized void punchHole(long position, long length) throws IOException {
    checkWritable();
    checkEnd(position, length);
    clear(position, Math.min(sizeBytes, position + length));
  }

  private void clear(long from, long to) {
    long at = from;
    while (at < to) {
      Map.Entry<Long, byte[]> next = pages.ceilingEntry(at / PAGE_BYTES);
      if (next == null) {
        return;
      }
      long start = Math.max(at, next.getKey() * PAGE_BYTES);
      long end = Math.min(to, (next.getKey() + 1) * PAGE_BYTES);
      if (end - start == PAGE_BYTES) {
        pages.remove(next.getKey());
      } else if (start < end) {
        java.util.Arrays.fill(
            next.getValue(),
            (int) (start % PAGE_BYTES),
            (int) (start % PAGE_BYTES + end - start),
            (byte) 0);
      }
      at = (next.getKey() + 1) * PAGE_BYTES;
    }
  }

  @Override
  public synchronized void allocate(long position, long length) throws IOException {
    checkWritable();
    checkEnd(position, length);
    if (length > (long) MAX_PAGES * PAGE_BYTES) {
      throw new DiskFullException(name + ": no room", new IOException("no space left"));
    }
    sizeBytes = Math.max(sizeBytes, position + length);
  }

  @Override
  public void flush() {}

  @Override
  public synchronized long nextData(long position) {
    if (position >= sizeBytes) {
      return sizeBytes;
    }
    Long page = pages.ceilingKey(position / PAGE_BYTES);
    return page == null ? sizeBytes : Math.clamp(page * PAGE_BYTES, position, sizeBytes);
  }

  @Override
  public synchronized long nextHole(long position) {
    long page = position / PAGE_BYTES;
    while (pages.containsKey(page)) {
      page++;
    }
    return Math.min(sizeBytes, Math.max(position, page * PAGE_BYTES));
  }

  @Override
  public void close() {}
}
