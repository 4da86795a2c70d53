package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.qcow2.SnapshotTable.Entry;

/**
 * Counts all references in an image and compares them with the refcounts, as {@code qemu-img check}
 * does. Each L2 table is walked once, however many tables refer to it.
 */
final class Qcow2Check {
  /** More L1 tables than that are no image that anybody made. */
  private static final long MAX_L1_BYTES = 256L << 20;

  /** Of more a check would take too long; with 512 bytes each they are a file of 1 TiB. */
  private static final long MAX_FILE_CLUSTERS = 1L << 31;

  private final HeaderFile home;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final ClusterTables tables;
  private final Snapshots snapshots;
  private final ClusterTree tree;
  private final UseCounts uses = new UseCounts();
  private final UseCounts l2Uses = new UseCounts();
  private final List<String> messages = new ArrayList<>();
  private final List<Long> badBlocks = new ArrayList<>();
  private final LongSet tableClusters = new LongSet();
  private final long fileClusters;
  private boolean isEntangled;
  private long corruptions;
  private long leaks;
  private long repairedCorruptions;
  private long repairedLeaks;
  private long allocated;

  Qcow2Check(HeaderFile home, Refcounts refcounts, ClusterTables tables, Snapshots snapshots)
      throws IOException {
    this.home = home;
    this.geometry = home.geometry;
    this.refcounts = refcounts;
    this.tables = tables;
    this.snapshots = snapshots;
    this.tree = new ClusterTree(home, tables, refcounts);
    this.fileClusters = geometry.clustersFor(home.file.size());
  }

  CheckReport run(Repair wanted) throws IOException {
    if (fileClusters > MAX_FILE_CLUSTERS) {
      throw new UnsupportedImageException(
          home.file.name(), "has %d clusters, more than Maloca checks".formatted(fileClusters));
    }
    countTables();
    countL1s();
    countL2s();
    countBlocks();
    // What is two things at once cannot be told apart: a repair could only make it worse.
    Repair repair = isEntangled ? Repair.NOTHING : wanted;
    if (repair == Repair.ALL) {
      repairBlocks();
    }
    compare(repair);
    checkCopied(repair);
    if (repair != Repair.NOTHING) {
      refcounts.commit();
      if (corruptions == 0 && repair == Repair.ALL) {
        home.setIncompatible(
            Qcow2Header.INCOMPATIBLE_DIRTY | Qcow2Header.INCOMPATIBLE_CORRUPT, false);
      }
    }
    return new CheckReport(
        corruptions,
        leaks,
        repairedCorruptions,
        repairedLeaks,
        allocated,
        geometry.clustersFor(home.header.sizeBytes),
        messages.size() > CheckReport.MAX_MESSAGES
            ? messages.subList(0, CheckReport.MAX_MESSAGES)
            : messages);
  }

  private void say(String format, Object... values) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add(String.format(Locale.ROOT, format, values));
    }
  }

  private void corrupt(String format, Object... values) {
    corruptions++;
    say(format, values);
  }

  private void use(long offset, long bytes, int times, String what) {
    long first = offset >>> geometry.clusterBits;
    long last = bytes == 0 ? first - 1 : offset + bytes - 1 >>> geometry.clusterBits;
    if (last >= fileClusters && bytes != 0) {
      // What was set aside but never written may lie there; other than by one cluster it is wrong.
      if (last > fileClusters || offset < 0) {
        corrupt("%s at byte 0x%x is past the end of the file", what, offset);
        return;
      }
    }
    for (long cluster = first; cluster <= last; cluster++) {
      uses.add(cluster, times);
    }
  }

  private void countTables() throws IOException {
    Qcow2Header header = home.header;
    use(0, geometry.clusterBytes, 1, "the header");
    use(
        header.refcountTableOffset,
        (long) header.refcountTableClusters << geometry.clusterBits,
        1,
        "the refcount table");
    if (header.snapshotCount > 0) {
      use(
          header.snapshotsOffset,
          SnapshotTable.bytes(snapshots.entries()),
          1,
          "the snapshot table");
    }
    new BitmapClusters(home).forEach((offset, bytes) -> use(offset, bytes, 1, "a bitmap"));
  }

  /** At the end, since blocks are what can be made anew when something else lies there. */
  private void countBlocks() throws IOException {
    LongSet blocks = new LongSet();
    for (int i = 0; i < refcounts.tableLength(); i++) {
      long offset = refcounts.blockOffset(i);
      if (offset == 0) {
        continue;
      }
      long cluster = offset >>> geometry.clusterBits;
      if (offset < 0
          || geometry.inCluster(offset) != 0
          || cluster >= fileClusters
          || uses.get(cluster) != 0
          || !blocks.add(cluster)) {
        corrupt("refcount block %d is at byte 0x%x", i, offset);
        badBlocks.add((long) i);
      } else {
        use(offset, geometry.clusterBytes, 1, "a refcount block");
      }
    }
  }

  private void countL1s() throws IOException {
    countL1(home.header.l1Offset, home.header.l1Entries);
    long bytes = 0;
    for (Entry entry : snapshots.entries()) {
      bytes += (long) entry.l1Entries() * Long.BYTES;
      if (bytes > MAX_L1_BYTES) {
        corrupt("the snapshots' L1 tables are larger than Maloca checks");
        return;
      }
      countL1(entry.l1Offset(), entry.l1Entries());
    }
  }

  private void countL1(long l1Offset, int entries) throws IOException {
    use(l1Offset, (long) entries * Long.BYTES, 1, "an L1 table");
    LongSet seen = new LongSet();
    EntriesInUse.forEach(home.file, l1Offset, entries, entry -> countL1Entry(entry, seen));
  }

  private void countL1Entry(long entry, LongSet seen) {
    long offset = entry & ClusterTables.OFFSET_MASK;
    if (offset == 0) {
      return;
    }
    long cluster = offset >>> geometry.clusterBits;
    if (geometry.inCluster(offset) != 0 || cluster > fileClusters) {
      corrupt("an L2 table is at byte 0x%x", offset);
    } else if (!seen.add(cluster)) {
      corrupt("the L2 table at byte 0x%x is used twice", offset);
    } else {
      l2Uses.add(cluster, 1);
    }
  }

  private void countL2s() throws IOException {
    for (long cluster = uses.next(0, uses.end());
        cluster < uses.end();
        cluster = uses.next(cluster + 1, uses.end())) {
      if (uses.get(cluster) > 1 || l2Uses.get(cluster) > 0) {
        corrupt("cluster %d holds several tables", cluster);
        isEntangled = true;
      }
      tableClusters.add(cluster);
    }
    ByteBuffer l2 = ByteBuffer.allocate(geometry.clusterBytes);
    for (long cluster = l2Uses.next(0, l2Uses.end());
        cluster < l2Uses.end();
        cluster = l2Uses.next(cluster + 1, l2Uses.end())) {
      int times = l2Uses.get(cluster);
      long offset = cluster << geometry.clusterBits;
      use(offset, geometry.clusterBytes, times, "an L2 table");
      if (home.isHole(offset)) {
        continue;
      }
      home.file.read(offset, l2.clear());
      for (int i = 0; i < geometry.l2Entries; i++) {
        int at = i * geometry.l2EntryBytes;
        countEntry(l2.getLong(at), geometry.isExtended ? l2.getLong(at + 8) : 0, times);
      }
    }
  }

  private void countEntry(long entry, long bitmap, int times) {
    if ((entry & ClusterTables.COMPRESSED) != 0) {
      allocated++;
      if ((entry & ClusterTables.COPIED) != 0) {
        corrupt("a compressed cluster is marked as copied");
      }
      checkNoTable(tables.compressedOffset(entry));
      use(
          tables.compressedOffset(entry),
          tables.compressedBytes(entry),
          times,
          "a compressed cluster");
      return;
    }
    long offset = entry & ClusterTables.OFFSET_MASK;
    if (geometry.isExtended && (bitmap & bitmap >>> 32 & ClusterTables.ALL_ALLOCATED) != 0) {
      corrupt("subclusters at byte 0x%x are both allocated and zeros", offset);
    }
    if (offset == 0) {
      return;
    }
    allocated++;
    if (geometry.inCluster(offset) != 0) {
      corrupt("a cluster is at byte 0x%x", offset);
    } else if (!home.header.hasDataFile()) {
      checkNoTable(offset);
      use(offset, geometry.clusterBytes, times, "a cluster");
    }
  }

  private void checkNoTable(long offset) {
    long cluster = offset >>> geometry.clusterBits;
    if (tableClusters.contains(cluster) || l2Uses.get(cluster) != 0) {
      corrupt("a cluster of data at byte 0x%x is a table, too", offset);
      isEntangled = true;
    }
  }

  /** Drops what cannot be refcount blocks, and makes blocks for all that is used. */
  private void repairBlocks() throws IOException {
    for (long block : badBlocks) {
      refcounts.dropBlock((int) block);
    }
    repairedCorruptions += badBlocks.size();
    corruptions -= badBlocks.size();
    badBlocks.clear();
    int blockBits = geometry.refcountBlockBits;
    long next = Math.max(Math.max(fileClusters, uses.end()), refcounts.end());
    boolean isChanged = true;
    while (isChanged) {
      isChanged = false;
      for (long block = 0; block << blockBits < uses.end(); block = nextBlock(block)) {
        long first = block << blockBits;
        long end = first + (1L << blockBits);
        if (!refcounts.hasBlock(first) && uses.next(first, end) < end) {
          if (block >= refcounts.tableLength()) {
            corrupt("the refcount table is too short for the file");
            return;
          }
          refcounts.placeBlock((int) block, next);
          uses.add(next++, 1);
          isChanged = true;
        }
      }
    }
  }

  /** The block after one, of those behind the table's end only such as count what is in use. */
  private long nextBlock(long block) {
    long next = block + 1;
    return next < refcounts.tableLength()
        ? next
        : Math.max(
            next,
            uses.next(next << geometry.refcountBlockBits, uses.end())
                >>> geometry.refcountBlockBits);
  }

  /** Raises what is too low and makes that durable, before it lowers what is too high. */
  private void compare(Repair repair) throws IOException {
    compare(repair == Repair.ALL, false);
    if (repair == Repair.ALL) {
      refcounts.commit();
    }
    compare(repair != Repair.NOTHING, true);
  }

  private void compare(boolean repairs, boolean lowers) throws IOException {
    int blockBits = geometry.refcountBlockBits;
    LongSet isBad = new LongSet();
    badBlocks.forEach(isBad::add);
    long blocks =
        Math.max(refcounts.tableLength(), (uses.end() + (1L << blockBits) - 1) >>> blockBits);
    for (long block = 0; block < blocks; block = nextBlock(block)) {
      long first = block << blockBits;
      long end = first + (1L << blockBits);
      boolean hasBlock = refcounts.hasBlock(first) && !isBad.contains(block);
      long used = uses.next(first, end);
      long stored = hasBlock ? refcounts.nextCounted(first, end) : end;
      while (used < end || stored < end) {
        long cluster = Math.min(used, stored);
        compareCluster(cluster, hasBlock, repairs, lowers);
        used = used == cluster ? uses.next(cluster + 1, end) : used;
        stored = stored == cluster ? refcounts.nextCounted(cluster + 1, end) : stored;
      }
    }
  }

  private void compareCluster(long cluster, boolean hasBlock, boolean repairs, boolean lowers)
      throws IOException {
    long counted = uses.get(cluster);
    long stored = hasBlock ? refcounts.get(cluster) : 0;
    if (counted == stored || counted < stored != lowers) {
      return;
    }
    boolean isRepaired = repairs && hasBlock && counted <= geometry.maxRefcount;
    if (isRepaired) {
      refcounts.set(cluster, counted);
    }
    say(
        "%s cluster %d: refcount %d, references %d",
        lowers ? "leaked" : "miscounted", cluster, stored, counted);
    if (lowers) {
      leaks += isRepaired ? 0 : 1;
      repairedLeaks += isRepaired ? 1 : 0;
    } else {
      corruptions += isRepaired ? 0 : 1;
      repairedCorruptions += isRepaired ? 1 : 0;
    }
  }

  private void checkCopied(Repair repair) throws IOException {
    if (repair == Repair.ALL) {
      repairedCorruptions += tree.fixCopied(false);
      return;
    }
    long wrong = tree.countWrongCopied();
    if (wrong != 0) {
      corruptions += wrong;
      say("%d entries are marked as copied or not against their refcounts", wrong);
    }
  }
}
