package org.maloca.block.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.table.PageCache;
import org.maloca.block.table.SparseBits;

/**
 * Looks at every entry of every grain table that is not zero: that grains lie inside the file and
 * apart from each other, and that the redundant tables say what the others do. Copies of tables and
 * entries that lead out of the file can be mended; two uses of one grain cannot.
 */
final class VmdkCheck {
  private static final int SECTOR = SparseHeader.SECTOR;

  private final Repair repair;
  private final List<String> messages = new ArrayList<>();
  private final SparseBits used = new SparseBits();

  /** Sectors of grain tables. */
  private final SparseBits ofTables = new SparseBits();

  /** Sectors that grain tables begin at which were gone through: a million entries may say one. */
  private final SparseBits lookedAt = new SparseBits();

  private boolean isMending;
  private long fileBytes;
  private long end;
  private long corruptions;
  private long repaired;
  private long leaks;
  private long repairedLeaks;
  private long allocated;
  private long total;

  VmdkCheck(Repair repair) {
    this.repair = repair;
  }

  CheckReport report() {
    return new CheckReport(corruptions, leaks, repaired, repairedLeaks, allocated, total, messages);
  }

  void check(SparseExtent extent) throws IOException {
    SparseHeader header = extent.header;
    isMending = repair == Repair.ALL && !extent.isReadOnly();
    fileBytes = extent.file().size();
    used.clear();
    ofTables.clear();
    lookedAt.clear();
    collectTables(extent, header.grainDirectory());
    if (header.has(SparseHeader.FLAG_REDUNDANT)) {
      collectTables(extent, header.redundantDirectory());
    }
    // An extent that grew has its directories behind its first grains.
    end = Math.max(header.overhead(), header.fixedEnd()) * SECTOR;
    String overlap = header.overlap();
    if (overlap != null) {
      corruptions++;
      note(extent, 0, overlap);
    }
    total += (extent.sizeBytes() + header.grainBytes() - 1) / header.grainBytes();
    EntriesInUse indexes = extent.tablesInUse();
    for (long index = indexes.next(); index >= 0; index = indexes.next()) {
      if (extent.tables.isCrowded()) {
        extent.flush();
      }
      long table = table(extent, header.grainDirectory(), index);
      long copy =
          header.has(SparseHeader.FLAG_REDUNDANT)
              ? table(extent, header.redundantDirectory(), index)
              : 0;
      if (header.has(SparseHeader.FLAG_REDUNDANT) && (table == 0) != (copy == 0)) {
        corruptions++;
        long position = header.grainDirectory() * SECTOR + index * 4;
        note(extent, position, "only one of the two directories has a grain table");
      }
      if (table == 0 || !lookedAt.add(table / SECTOR)) {
        continue;
      }
      EntriesInUse grains = new EntriesInUse(extent.tables, table, copy, header.entriesPerTable());
      for (long grain = grains.next(); grain >= 0; grain = grains.next()) {
        long entry = checkEntry(extent, table + grain * 4);
        long copyPosition = copy + grain * 4;
        if (copy != 0 && extent.tables.getInt(copyPosition) != entry) {
          mend(extent, copyPosition, "the redundant grain table differs", entry);
        }
      }
    }
    if (!header.has(SparseHeader.FLAG_COMPRESSED)) {
      checkTail(extent);
    }
    extent.flush();
  }

  private void collectTables(SparseExtent extent, long directory) throws IOException {
    long tableSectors = extent.header.tableBytes() / SECTOR;
    EntriesInUse indexes =
        new EntriesInUse(extent.tables, directory * SECTOR, 0, extent.header.directoryEntries());
    for (long index = indexes.next(); index >= 0; index = indexes.next()) {
      long position = directory * SECTOR + index * 4;
      long table = extent.tables.getInt(position);
      boolean isNew = true;
      for (long i = 0; i < tableSectors; i++) {
        isNew &= ofTables.add(table + i);
      }
      if (!isNew) {
        corruptions++;
        note(extent, position, "two grain tables lie at sector " + table);
      }
    }
  }

  private boolean isOverTables(long sector, long sectors) {
    for (long at = sector; at < sector + sectors; at++) {
      if (ofTables.contains(at)) {
        return true;
      }
    }
    return false;
  }

  /** Looks at an entry, and gives what it is in the end. */
  private long checkEntry(SparseExtent extent, long position) throws IOException {
    SparseHeader header = extent.header;
    boolean isCompressed = header.has(SparseHeader.FLAG_COMPRESSED);
    long entry = extent.tables.getInt(position);
    long at = entry * SECTOR;
    if (entry == 0 || entry == 1 && header.has(SparseHeader.FLAG_ZERO_GRAINS)) {
      return entry;
    }
    long length = isCompressed ? SECTOR : header.grainBytes();
    if (entry < header.overhead() || at >= fileBytes || header.isFixed(entry, length / SECTOR)) {
      mend(extent, position, "a grain lies at sector %d, outside".formatted(entry), 0);
      return isMending ? 0 : entry;
    }
    allocated++;
    end = Math.max(end, at + length);
    if (at % length == 0 && !used.add(at / length)) {
      corruptions++;
      note(extent, position, "two grains lie at sector " + entry);
    }
    if (isOverTables(entry, length / SECTOR)) {
      corruptions++;
      note(extent, position, "a grain lies over a grain table, at sector " + entry);
    }
    return entry;
  }

  /** A loss of power leaves room at the file's end that no entry refers to. */
  private void checkTail(SparseExtent extent) throws IOException {
    long lost = fileBytes - SparseExtent.roundUp(end, extent.header.grainBytes());
    if (lost < extent.header.grainBytes() || extent.header.headerOffset() != 0) {
      return;
    }
    long count = lost / extent.header.grainBytes();
    note(extent, end, count + " grains at the end belong to nothing");
    if (repair != Repair.NOTHING && !extent.isReadOnly()) {
      extent.truncate(end);
      repairedLeaks += count;
    } else {
      leaks += count;
    }
  }

  private long table(SparseExtent extent, long directory, long index) throws IOException {
    long position = directory * SECTOR + index * 4;
    PageCache tables = extent.tables;
    long table = tables.getInt(position) * SECTOR;
    if (table != 0 && !extent.header.mayHaveTable(table, fileBytes)) {
      corruptions++;
      note(extent, position, "a grain table is outside of the file, or over its metadata");
      return 0;
    }
    end = Math.max(end, table == 0 ? 0 : table + extent.header.tableBytes());
    return table;
  }

  private void mend(SparseExtent extent, long position, String what, long entry)
      throws IOException {
    note(extent, position, what);
    if (isMending) {
      extent.tables.putInt(position, entry);
      repaired++;
    } else {
      corruptions++;
    }
  }

  private void note(SparseExtent extent, long position, String what) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add("%s: at byte %d: %s".formatted(extent.file().name(), position, what));
    }
  }
}
