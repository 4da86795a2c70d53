package org.maloca.block.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.memory.IoVector;

/**
 * A file in memory that goes wrong as disks do, for tests of image formats: it loses or reorders
 * what was not flushed when power is cut, runs full, and fails. What has been flushed is safe.
 *
 * <p>A loss of power keeps any subset of the writes since the last flush, down to parts of {@link
 * #SECTOR_BYTES}, in any order: {@link #afterPowerCut} makes the file that is found then.
 */
public final class FaultyFile implements ImageFile {
  /** What a disk writes whole or not at all. */
  public static final int SECTOR_BYTES = 512;

  private static final int PAGE_BYTES = 4096;

  private final String name;
  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long size;

  /** What was done since the last flush; the state before is in {@link #durable}. */
  private final List<Change> changes = new ArrayList<>();

  private FaultyFile durable;
  private boolean isReadOnly;
  private long roomBytes = Long.MAX_VALUE;
  private long failAfter = Long.MAX_VALUE;
  private long cutAfter = Long.MAX_VALUE;
  private long operations;
  private long flushes;
  private long reads;
  private boolean isLying;
  private Random failures;

  /** One write, hole (no bytes) or change of size (a negative position). */
  private record Change(long position, byte[] bytes, long length) {}

  /** An empty file. */
  public FaultyFile(String name) {
    this(name, true);
  }

  private FaultyFile(String name, boolean isRecording) {
    this.name = name;
    if (isRecording) {
      durable = new FaultyFile(name, false);
    }
  }

  /** Thrown by every operation once power is cut. */
  public static final class PowerCutException extends IOException {
    private static final long serialVersionUID = 1;

    PowerCutException() {
      super("power was cut");
    }
  }

  /** A copy of the file as it is seen now, all of it safe. */
  public synchronized FaultyFile copy() {
    FaultyFile copy = new FaultyFile(name);
    copy.takeFrom(this);
    copy.durable.takeFrom(this);
    return copy;
  }

  /** Makes room for so many bytes in pages of 4 KiB; what needs more fails as on a full disk. */
  public synchronized void setRoom(long bytes) {
    roomBytes = bytes;
  }

  /** Room in use. */
  public synchronized long usedBytes() {
    return (long) pages.size() * PAGE_BYTES;
  }

  /** Lets so many more writes, holes and flushes succeed and fails the rest, like a dying disk. */
  public synchronized void failAfter(long count) {
    failAfter = operations + count;
  }

  /** Cuts power after so many more writes, holes, changes of size and flushes. */
  public synchronized void cutPowerAfter(long count) {
    cutAfter = operations + count;
  }

  /** Writes, holes, changes of size and flushes so far. */
  public synchronized long operations() {
    return operations;
  }

  /** Flushes so far. */
  public synchronized long flushes() {
    return flushes;
  }

  /** Reads so far. */
  public synchronized long reads() {
    return reads;
  }

  /** Lets flushes do nothing from now on, as a disk with a cache that it does not tell of. */
  public synchronized void setLying(boolean value) {
    isLying = value;
  }

  /** Lets one in twelve writes, holes and flushes fail from now on; a write then in part. */
  public synchronized void failAtRandom(Random random) {
    failures = random;
  }

  private void failSometimes() throws IOException {
    if (failures != null && failures.nextInt(12) == 0) {
      throw new IOException(name + ": I/O error, this once");
    }
  }

  public synchronized void setReadOnly(boolean value) {
    isReadOnly = value;
  }

  /** What is found after a loss of power now: the flushed, and some of the rest in some order. */
  public synchronized FaultyFile afterPowerCut(Random random) {
    FaultyFile found = new FaultyFile(name);
    found.takeFrom(durable);
    List<Change> kept = new ArrayList<>(changes);
    int mode = random.nextInt(4);
    if (mode == 0) {
      // In order, up to some write.
      kept = kept.subList(0, random.nextInt(kept.size() + 1));
    } else if (mode == 1) {
      // All but one.
      if (!kept.isEmpty()) {
        kept.remove(random.nextInt(kept.size()));
      }
    } else {
      kept.removeIf(change -> random.nextBoolean());
    }
    for (Change change : kept) {
      found.apply(change, mode == 3 ? random : null);
    }
    found.durable.takeFrom(found);
    return found;
  }

  private void takeFrom(FaultyFile other) {
    pages.clear();
    other.pages.forEach((at, page) -> pages.put(at, page.clone()));
    size = other.size;
  }

  /** Applies a change; with a random source only some of its sectors. */
  private void apply(Change change, Random torn) {
    if (change.position < 0) {
      resize(change.length);
    } else if (change.bytes.length == 0) {
      clear(change.position, change.length);
    } else if (torn == null) {
      put(change.position, change.bytes, 0, change.bytes.length);
    } else {
      int at = 0;
      while (at < change.bytes.length) {
        int inSector = (int) ((change.position + at) % SECTOR_BYTES);
        int length = Math.min(SECTOR_BYTES - inSector, change.bytes.length - at);
        if (torn.nextBoolean()) {
          put(change.position + at, change.bytes, at, length);
        }
        at += length;
      }
    }
  }

  private void resize(long bytes) {
    if (bytes < size) {
      clear(bytes, size - bytes);
    }
    size = bytes;
  }

  private void put(long position, byte[] source, int from, int length) {
    int done = 0;
    while (done < length) {
      long at = position + done;
      int inPage = (int) (at % PAGE_BYTES);
      int piece = Math.min(PAGE_BYTES - inPage, length - done);
      byte[] page = pages.computeIfAbsent(at - inPage, key -> new byte[PAGE_BYTES]);
      System.arraycopy(source, from + done, page, inPage, piece);
      done += piece;
    }
    size = Math.max(size, position + length);
  }

  private void clear(long position, long length) {
    long end = Math.min(position + length, size);
    if (end <= position) {
      return;
    }
    Long key = pages.ceilingKey(position - position % PAGE_BYTES);
    while (key != null && key < end) {
      int from = (int) Math.max(0, position - key);
      int to = (int) Math.min(PAGE_BYTES, end - key);
      if (from == 0 && to == PAGE_BYTES) {
        pages.remove(key);
      } else {
        java.util.Arrays.fill(pages.get(key), from, to, (byte) 0);
      }
      key = pages.higherKey(key);
    }
  }

  private void change(Change change) throws IOException {
    startOperation();
    if (isReadOnly) {
      throw new IOException(name + ": is read-only");
    }
    if (change.bytes.length != 0 && roomBytes != Long.MAX_VALUE) {
      long needed = 0;
      for (long at = change.position - change.position % PAGE_BYTES;
          at < change.position + change.bytes.length;
          at += PAGE_BYTES) {
        needed += pages.containsKey(at) ? 0 : PAGE_BYTES;
      }
      if (usedBytes() + needed > roomBytes) {
        throw new DiskFullException(name + ": full", new IOException("no space left"));
      }
    }
    try {
      failSometimes();
    } catch (IOException failure) {
      if (change.position >= 0 && change.bytes.length > 0) {
        int length = failures.nextInt(change.bytes.length / SECTOR_BYTES + 1) * SECTOR_BYTES;
        Change part =
            new Change(change.position, java.util.Arrays.copyOf(change.bytes, length), length);
        apply(part, null);
        changes.add(part);
      }
      throw failure;
    }
    apply(change, null);
    changes.add(change);
  }

  private void startOperation() throws IOException {
    if (operations >= cutAfter) {
      throw new PowerCutException();
    }
    if (operations >= failAfter) {
      throw new IOException(name + ": I/O error");
    }
    operations++;
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
    return size;
  }

  @Override
  public synchronized void setSize(long bytes) throws IOException {
    change(new Change(-1, new byte[0], bytes));
  }

  @Override
  public synchronized void read(long position, ByteBuffer target) {
    reads++;
    while (target.hasRemaining()) {
      int inPage = (int) (position % PAGE_BYTES);
      int length = Math.min(PAGE_BYTES - inPage, target.remaining());
      byte[] page = pages.get(position - inPage);
      if (page == null) {
        target.put(new byte[length]);
      } else {
        target.put(page, inPage, length);
      }
      position += length;
    }
  }

  @Override
  public synchronized void write(long position, ByteBuffer source) throws IOException {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    if (bytes.length != 0) {
      change(new Change(position, bytes, bytes.length));
    }
  }

  @Override
  public synchronized void read(long position, IoVector target) {
    ByteBuffer bytes = ByteBuffer.allocate((int) target.bytes());
    read(position, bytes);
    target.copyFrom(0, bytes.array(), 0, bytes.capacity());
  }

  @Override
  public synchronized void write(long position, IoVector source) throws IOException {
    byte[] bytes = new byte[(int) source.bytes()];
    source.copyTo(0, bytes, 0, bytes.length);
    write(position, ByteBuffer.wrap(bytes));
  }

  @Override
  public boolean readAtOnce(long position, IoVector target) {
    read(position, target);
    return true;
  }

  @Override
  public boolean writeAtOnce(long position, IoVector source) {
    try {
      write(position, source);
      return true;
    } catch (IOException failure) {
      return false;
    }
  }

  @Override
  public synchronized void punchHole(long position, long length) throws IOException {
    change(new Change(position, new byte[0], length));
  }

  @Override
  public synchronized void flush() throws IOException {
    startOperation();
    flushes++;
    failSometimes();
    if (isLying) {
      return;
    }
    for (Change change : changes) {
      durable.apply(change, null);
    }
    changes.clear();
  }

  @Override
  public synchronized long nextData(long position) {
    byte[] here = pages.get(position - position % PAGE_BYTES);
    Long next = here != null ? Long.valueOf(position) : pages.higherKey(position);
    return next == null ? size : Math.min(Math.max(next, position), size);
  }

  @Override
  public synchronized long nextHole(long position) {
    long at = position;
    while (at < size && pages.containsKey(at - at % PAGE_BYTES)) {
      at = at - at % PAGE_BYTES + PAGE_BYTES;
    }
    return Math.min(at, size);
  }

  @Override
  public void close() {}
}
