package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.maloca.block.file.ImageFile;
import org.maloca.block.qcow2.TableCache.Table;

/**
 * How often each cluster of the file is used (specification, "Refcount tables, blocks and
 * clusters"), and which are free. The table is in memory, of the blocks some.
 *
 * <p>A count that is too high loses room, one that is too low loses data. So a cluster counts as
 * used on the disk before anything durable refers to it, and as free only after nothing durable
 * does: who frees calls {@link #decrement} after that. Then blocks may be written at any time.
 */
final class Refcounts {
  /** The largest offset that an L2 entry can name. */
  private static final long MAX_OFFSET = 1L << 56;

  private static final int CACHE_BYTES = 4 << 20;

  private final HeaderFile home;
  private final ImageFile file;
  private final Geometry geometry;
  private final TableCache blocks;

  /** Offsets of blocks; zero where there is none and all counts are zero. */
  private long[] table;

  private int tableDirtyFrom = Integer.MAX_VALUE;
  private int tableDirtyTo;

  /** No cluster below is free. */
  private long firstFree;

  /** Blocks were written to make room in memory, and nothing was flushed since. */
  private boolean wasEvicted;

  /** Where the file has never been written from. */
  private long highWater;

  private int allocatedCount;
  private boolean isAllocatedVirgin;

  Refcounts(HeaderFile home) throws IOException {
    this.home = home;
    this.file = home.file;
    this.geometry = home.geometry;
    int capacity = Math.max(8, CACHE_BYTES >>> geometry.clusterBits);
    blocks = new TableCache(file, geometry.clusterBytes, capacity, this::evict);
    table = new long[home.header.refcountTableClusters << geometry.clusterBits - 3];
    ByteBuffer bytes = ByteBuffer.allocate(table.length * Long.BYTES);
    file.read(home.header.refcountTableOffset, bytes);
    bytes.clear().asLongBuffer().get(table);
    addMetadata();
    highWater = geometry.clustersFor(file.size()) << geometry.clusterBits;
  }

  void addMetadata() {
    home.addMetadata(home.header.refcountTableOffset, (long) table.length * Long.BYTES);
    for (long entry : table) {
      if (entry != 0) {
        home.addMetadata(entry, geometry.clusterBytes);
      }
    }
  }

  private void evict() throws IOException {
    blocks.writeDirty();
    blocks.setClean();
    wasEvicted = true;
  }

  int tableLength() {
    return table.length;
  }

  long blockOffset(int index) {
    return table[index];
  }

  long get(long cluster) throws IOException {
    long block = cluster >>> geometry.refcountBlockBits;
    if (block >= table.length || table[(int) block] == 0) {
      return 0;
    }
    return read(block(block).bytes, indexInBlock(cluster));
  }

  /**
   * The first cluster from one up to another, all of one block that there is, whose count is not
   * zero, or the other. What the file has nothing of is passed at once: a block may have 16 million
   * counts.
   */
  long nextCounted(long from, long to) throws IOException {
    if (from >= to) {
      return to;
    }
    long block = from >>> geometry.refcountBlockBits;
    long offset = checkedOffset(block);
    if (blocks.peek(offset) == null && home.isHole(offset)) {
      return to;
    }
    ByteBuffer bytes = block(block).bytes;
    long at = from;
    while (at < to) {
      int bit = indexInBlock(at) << geometry.refcountOrder;
      if (bit % Long.SIZE == 0 && bytes.getLong(bit / Byte.SIZE) == 0) {
        at += Long.SIZE >> geometry.refcountOrder;
      } else if (read(bytes, indexInBlock(at)) != 0) {
        return at;
      } else {
        at++;
      }
    }
    return to;
  }

  private Table block(long block) throws IOException {
    return blocks.get(checkedOffset(block));
  }

  private long checkedOffset(long block) throws IOException {
    long offset = table[(int) block];
    if (geometry.inCluster(offset) != 0 || offset < 0 || offset >= MAX_OFFSET) {
      throw home.corrupt(
          home.header.refcountTableOffset + block * Long.BYTES,
          "a refcount block at byte 0x%x".formatted(offset));
    }
    return offset;
  }

  private int indexInBlock(long cluster) {
    return (int) cluster & (1 << geometry.refcountBlockBits) - 1;
  }

  private long read(ByteBuffer block, int index) {
    int order = geometry.refcountOrder;
    return switch (order) {
      case 6 -> block.getLong(index << 3);
      case 5 -> Integer.toUnsignedLong(block.getInt(index << 2));
      case 4 -> block.getShort(index << 1) & 0xffff;
      case 3 -> block.get(index) & 0xff;
      default -> {
        int perByte = 3 - order;
        int shift = (index & (1 << perByte) - 1) << order;
        yield block.get(index >> perByte) >> shift & (1 << (1 << order)) - 1;
      }
    };
  }

  /** Sets a count whose block there is. */
  void set(long cluster, long value) throws IOException {
    Table block = block(cluster >>> geometry.refcountBlockBits);
    int index = indexInBlock(cluster);
    int order = geometry.refcountOrder;
    write(block.bytes, order, index, value);
    int at = order >= 3 ? index << order - 3 : index >> 3 - order;
    block.setDirty(at, order >= 3 ? 1 << order - 3 : 1);
    if (value == 0) {
      firstFree = Math.min(firstFree, cluster);
    }
  }

  static void write(ByteBuffer block, int order, int index, long value) {
    switch (order) {
      case 6 -> block.putLong(index << 3, value);
      case 5 -> block.putInt(index << 2, (int) value);
      case 4 -> block.putShort(index << 1, (short) value);
      case 3 -> block.put(index, (byte) value);
      default -> {
        int perByte = 3 - order;
        int shift = (index & (1 << perByte) - 1) << order;
        int mask = (1 << (1 << order)) - 1 << shift;
        int old = block.get(index >> perByte);
        block.put(index >> perByte, (byte) (old & ~mask | (int) value << shift));
      }
    }
  }

  boolean hasBlock(long cluster) {
    long block = cluster >>> geometry.refcountBlockBits;
    return block < table.length && table[(int) block] != 0;
  }

  /** Counts one more use. */
  void increment(long cluster) throws IOException {
    long count = get(cluster);
    if (count >= geometry.maxRefcount) {
      throw new UnsupportedImageException(
          file.name(), "has refcounts too narrow for one more use of a cluster");
    }
    if (!hasBlock(cluster)) {
      throw home.markCorrupt(cluster << geometry.clusterBits, "a cluster in use has no refcount");
    }
    set(cluster, count + 1);
  }

  /** Counts one use less; true when the cluster is free now. One that is free stays so. */
  boolean decrement(long cluster) throws IOException {
    long count = get(cluster);
    if (count == 0) {
      return false;
    }
    set(cluster, count - 1);
    return count == 1;
  }

  /**
   * Takes free clusters that follow each other, as many as are asked for or fewer.
   *
   * @return the first one's number; {@link #allocatedCount} tells how many there are
   */
  long allocate(int wanted) throws IOException {
    long cluster = firstFree;
    while (true) {
      long block = cluster >>> geometry.refcountBlockBits;
      if (block >= table.length) {
        firstFree = cluster;
        return reserveAtEnd(1);
      }
      if (table[(int) block] == 0) {
        makeBlock((int) block);
      }
      if (get(cluster) == 0) {
        break;
      }
      cluster++;
    }
    firstFree = cluster;
    int count = 0;
    while (count < wanted && hasBlock(cluster + count) && get(cluster + count) == 0) {
      count++;
    }
    checkFree(cluster, count);
    for (int i = 0; i < count; i++) {
      set(cluster + i, 1);
    }
    firstFree = cluster + count;
    noteAllocated(cluster, count);
    return cluster;
  }

  /** How many clusters the last call of {@link #allocate} took. */
  int allocatedCount() {
    return allocatedCount;
  }

  /** Whether nothing was ever written to them, so that they read as zeros. */
  boolean isAllocatedVirgin() {
    return isAllocatedVirgin;
  }

  private void noteAllocated(long cluster, long count) {
    allocatedCount = (int) count;
    isAllocatedVirgin = cluster << geometry.clusterBits >= highWater;
    highWater = Math.max(highWater, cluster + count << geometry.clusterBits);
  }

  private void checkFree(long cluster, long count) throws IOException {
    if (cluster + count << geometry.clusterBits > MAX_OFFSET) {
      throw new IOException(file.name() + ": the image has no more room");
    }
    for (long i = cluster; i < cluster + count; i++) {
      if (i == 0 || home.metadata.contains(i)) {
        throw home.markCorrupt(
            i << geometry.clusterBits, "a cluster with a table in it counts as free");
      }
    }
  }

  /** Makes a block for counts that are all zero, in the first cluster that it counts. */
  private void makeBlock(int block) throws IOException {
    long cluster = (long) block << geometry.refcountBlockBits;
    checkFree(cluster, 1);
    long offset = cluster << geometry.clusterBits;
    blocks.create(offset);
    table[block] = offset;
    setTableDirty(block);
    home.addMetadata(offset, geometry.clusterBytes);
    highWater = Math.max(highWater, offset + geometry.clusterBytes);
    set(cluster, 1);
  }

  /** Forgets a block that cannot be one. */
  void dropBlock(int block) {
    blocks.drop(table[block]);
    table[block] = 0;
    setTableDirty(block);
  }

  /**
   * Makes a block of zeros in a cluster that is free for it; its own count is the caller's matter.
   */
  void placeBlock(int block, long cluster) throws IOException {
    blocks.create(cluster << geometry.clusterBits);
    table[block] = cluster << geometry.clusterBits;
    setTableDirty(block);
    highWater = Math.max(highWater, cluster + 1 << geometry.clusterBits);
  }

  /** Gives back clusters that nothing refers to yet. */
  void release(long cluster, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      set(cluster + i, 0);
    }
  }

  /**
   * Takes clusters that follow each other behind all that are used; refcount blocks and, where it
   * is too short, a new refcount table are placed behind them.
   */
  long reserveAtEnd(long wanted) throws IOException {
    long start = end();
    long total = wanted;
    long missing;
    long tableClusters;
    while (true) {
      long last = start + total - 1 >>> geometry.refcountBlockBits;
      missing = 0;
      for (long b = start >>> geometry.refcountBlockBits; b <= last; b++) {
        missing += b >= table.length || table[(int) b] == 0 ? 1 : 0;
      }
      long entries = last < table.length ? 0 : last + 1 + (last + 1) / 2;
      tableClusters = geometry.clustersFor(entries * Long.BYTES);
      long needed = wanted + missing + tableClusters;
      if (needed <= total) {
        break;
      }
      total = needed;
    }
    if (tableClusters << geometry.clusterBits > Qcow2Header.MAX_REFCOUNT_TABLE_BYTES) {
      throw new IOException(file.name() + ": the image has no more room");
    }
    checkFree(start, total);
    long[] oldTable = table;
    if (tableClusters != 0) {
      table = Arrays.copyOf(table, (int) (tableClusters << geometry.clusterBits - 3));
    }
    long newBlock = start + wanted + tableClusters;
    long firstBlock = newBlock;
    try {
      for (long b = start >>> geometry.refcountBlockBits;
          b <= start + total - 1 >>> geometry.refcountBlockBits;
          b++) {
        if (table[(int) b] == 0) {
          long offset = newBlock++ << geometry.clusterBits;
          blocks.create(offset);
          table[(int) b] = offset;
          setTableDirty((int) b);
          home.addMetadata(offset, geometry.clusterBytes);
        }
      }
      for (long cluster = start; cluster < start + total; cluster++) {
        set(cluster, 1);
      }
      if (tableClusters != 0) {
        moveTable(start + wanted, tableClusters, oldTable.length);
      }
    } catch (IOException failure) {
      undoReserve(oldTable, start, total, firstBlock, newBlock);
      throw failure;
    }
    for (long spare = newBlock; spare < start + total; spare++) {
      set(spare, 0);
    }
    noteAllocated(start, wanted);
    highWater = Math.max(highWater, start + total << geometry.clusterBits);
    return start;
  }

  private void undoReserve(long[] oldTable, long start, long total, long firstBlock, long newBlock)
      throws IOException {
    for (long block = firstBlock; block < newBlock; block++) {
      blocks.drop(block << geometry.clusterBits);
      home.removeMetadata(block << geometry.clusterBits, geometry.clusterBytes);
      for (int b = 0; b < oldTable.length; b++) {
        if (oldTable[b] == block << geometry.clusterBits) {
          oldTable[b] = 0;
        }
      }
    }
    table = oldTable;
    tableDirtyTo = Math.min(tableDirtyTo, table.length);
    for (long cluster = start; cluster < start + total; cluster++) {
      if (hasBlock(cluster)) {
        set(cluster, 0);
      }
    }
  }

  private void moveTable(long cluster, long clusters, int oldLength) throws IOException {
    blocks.writeDirty();
    file.flush();
    blocks.setClean();
    long offset = cluster << geometry.clusterBits;
    file.write(offset, encodeTable(0, table.length));
    file.flush();
    long oldOffset = home.header.refcountTableOffset;
    int oldClusters = home.header.refcountTableClusters;
    home.header.refcountTableOffset = offset;
    home.header.refcountTableClusters = (int) clusters;
    home.switchTables(() -> {
      home.header.refcountTableOffset = oldOffset;
      home.header.refcountTableClusters = oldClusters;
    });
    setTableClean();
    home.addMetadata(offset, clusters << geometry.clusterBits);
    home.removeMetadata(oldOffset, (long) oldLength * Long.BYTES);
    for (int i = 0; i < oldClusters; i++) {
      decrement((oldOffset >>> geometry.clusterBits) + i);
    }
  }

  /** The first cluster after all that are used. */
  long end() throws IOException {
    for (int b = table.length - 1; b >= 0; b--) {
      if (table[b] != 0) {
        long first = (long) b << geometry.refcountBlockBits;
        long blockEnd = first + (1L << geometry.refcountBlockBits);
        long last = -1;
        for (long at = nextCounted(first, blockEnd);
            at < blockEnd;
            at = nextCounted(at + 1, blockEnd)) {
          last = at;
        }
        if (last >= 0) {
          return last + 1;
        }
      }
    }
    return 0;
  }

  boolean isDirty() {
    return wasEvicted || tableDirtyTo != 0 || blocks.hasDirty();
  }

  /** Writes what changed in blocks; they count as changed until {@link #commit}. */
  void write() throws IOException {
    blocks.writeDirty();
  }

  /** Writes what changed and makes it, and all else in the file, durable. */
  void commit() throws IOException {
    blocks.writeDirty();
    file.flush();
    blocks.setClean();
    wasEvicted = false;
    if (tableDirtyTo != 0) {
      int from = tableDirtyFrom;
      file.write(
          home.header.refcountTableOffset + (long) from * Long.BYTES,
          encodeTable(from, tableDirtyTo));
      file.flush();
      setTableClean();
    }
  }

  private ByteBuffer encodeTable(int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * Long.BYTES);
    bytes.asLongBuffer().put(table, from, to - from);
    return bytes;
  }

  private void setTableDirty(int index) {
    tableDirtyFrom = Math.min(tableDirtyFrom, index);
    tableDirtyTo = Math.max(tableDirtyTo, index + 1);
  }

  private void setTableClean() {
    tableDirtyFrom = Integer.MAX_VALUE;
    tableDirtyTo = 0;
  }
}
