package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;

/**
 * Tables of one cluster each (L2 tables, refcount blocks) in memory, as many as there is room for.
 * What was changed stays in memory until its owner writes it, in the order that it needs.
 *
 * <p>{@link #peek} may run beside itself on several threads while nothing else runs; all else is
 * for one thread at a time.
 */
final class TableCache {
  /** What a table is written in multiples of, so that a small change costs a small write. */
  private static final int WRITE_BYTES = 4096;

  private final ImageFile file;
  private final int clusterBytes;
  private final int capacity;
  private final Evictor evictor;
  private final List<Table> tables = new ArrayList<>();

  /** Open addressing by offset: never more than half full. */
  private final @Nullable Table[] index;

  private long clock;

  /** Makes room when every table has changes: afterwards at least one has none. */
  interface Evictor {
    void writeAll() throws IOException;
  }

  TableCache(ImageFile file, int clusterBytes, int capacity, Evictor evictor) {
    this.file = file;
    this.clusterBytes = clusterBytes;
    this.capacity = capacity;
    this.evictor = evictor;
    this.index = new Table[Integer.highestOneBit(capacity) * 4];
  }

  /** A table in memory; a reference to one is good until the next call of {@link #get}. */
  static final class Table {
    final ByteBuffer bytes;
    private long offset;
    private volatile long usedAt;
    private int dirtyFrom = Integer.MAX_VALUE;
    private int dirtyTo;

    Table(int clusterBytes) {
      bytes = ByteBuffer.allocate(clusterBytes);
    }

    long offset() {
      return offset;
    }

    boolean isDirty() {
      return dirtyTo != 0;
    }

    void setDirty(int from, int length) {
      dirtyFrom = Math.min(dirtyFrom, from);
      dirtyTo = Math.max(dirtyTo, from + length);
    }

    private void setClean() {
      dirtyFrom = Integer.MAX_VALUE;
      dirtyTo = 0;
    }
  }

  /** The table at an offset if it is in memory. */
  @Nullable Table peek(long offset) {
    int mask = index.length - 1;
    for (int i = slot(offset); ; i = i + 1 & mask) {
      Table table = index[i];
      if (table == null) {
        return null;
      }
      if (table.offset == offset) {
        return table;
      }
    }
  }

  /** The table at an offset, from the file if need be. */
  Table get(long offset) throws IOException {
    Table table = peek(offset);
    if (table == null) {
      table = takeFree();
      try {
        file.read(offset, table.bytes.clear());
      } catch (IOException | RuntimeException failure) {
        tables.add(table);
        table.offset = -1;
        throw failure;
      } finally {
        table.bytes.clear();
      }
      add(table, offset);
    }
    table.usedAt = ++clock;
    return table;
  }

  /** A table of zeros for a cluster that holds none yet; all of it is dirty. */
  Table create(long offset) throws IOException {
    drop(offset);
    Table table = takeFree();
    java.util.Arrays.fill(table.bytes.array(), (byte) 0);
    add(table, offset);
    table.setDirty(0, clusterBytes);
    table.usedAt = ++clock;
    return table;
  }

  /** Forgets a table and its changes, because its cluster is used for it no more. */
  void drop(long offset) {
    Table table = peek(offset);
    if (table != null) {
      removeFromIndex(table);
      table.setClean();
      table.offset = -1;
      table.usedAt = 0;
    }
  }

  /** Forgets all tables; none may be dirty, or their changes are lost. */
  void clear() {
    tables.clear();
    java.util.Arrays.fill(index, null);
  }

  boolean hasDirty() {
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).isDirty()) {
        return true;
      }
    }
    return false;
  }

  /** Writes what changed, and goes on taking it for changed until {@link #setClean}. */
  void writeDirty() throws IOException {
    for (int i = 0; i < tables.size(); i++) {
      Table table = tables.get(i);
      if (table.isDirty()) {
        int from = table.dirtyFrom & -Math.min(WRITE_BYTES, clusterBytes);
        int to = Math.min(clusterBytes, (table.dirtyTo + WRITE_BYTES - 1) & -WRITE_BYTES);
        table.bytes.limit(to).position(from);
        try {
          file.write(table.offset + from, table.bytes);
        } finally {
          table.bytes.clear();
        }
      }
    }
  }

  /** Says that what was written is safe. */
  void setClean() {
    for (int i = 0; i < tables.size(); i++) {
      tables.get(i).setClean();
    }
  }

  private Table takeFree() throws IOException {
    if (tables.size() < capacity) {
      return new Table(clusterBytes);
    }
    Table oldest = oldestClean();
    if (oldest == null) {
      evictor.writeAll();
      oldest = oldestClean();
      if (oldest == null) {
        throw new IllegalStateException("all tables are still dirty");
      }
    }
    tables.remove(oldest);
    if (oldest.offset >= 0) {
      removeFromIndex(oldest);
    }
    oldest.offset = -1;
    return oldest;
  }

  private @Nullable Table oldestClean() {
    Table oldest = null;
    for (int i = 0; i < tables.size(); i++) {
      Table table = tables.get(i);
      if (!table.isDirty() && (oldest == null || table.usedAt < oldest.usedAt)) {
        oldest = table;
      }
    }
    return oldest;
  }

  private int slot(long offset) {
    long mixed = offset * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & index.length - 1;
  }

  private void add(Table table, long offset) {
    table.offset = offset;
    tables.add(table);
    insert(table);
  }

  private void insert(Table table) {
    int mask = index.length - 1;
    int i = slot(table.offset);
    while (index[i] != null) {
      i = i + 1 & mask;
    }
    index[i] = table;
  }

  private void removeFromIndex(Table table) {
    int mask = index.length - 1;
    int i = slot(table.offset);
    while (index[i] != table) {
      i = i + 1 & mask;
    }
    index[i] = null;
    // What came after it in its chain must be found without it.
    for (i = i + 1 & mask; index[i] != null; i = i + 1 & mask) {
      Table moved = index[i];
      index[i] = null;
      insert(moved);
    }
  }
}
