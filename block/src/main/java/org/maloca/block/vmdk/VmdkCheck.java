package org.maloca.block.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.table.PageCache;

/**
 * Looks at every entry of every grain table: that grains lie inside the file and apart from each
 * other, and that the redundant tables say what the others do. Copies of tables and entries that
 * lead out of the file can be mended; two uses of one grain cannot.
 */
final class VmdkCheck {
  private static final int SECTOR = SparseHeader.SECTOR;

  private final Repair repair;
  private final List<String> messages = new ArrayList<>();
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
    boolean isCompressed = header.has(SparseHeader.FLAG_COMPRESSED);
    long size = extent.file().size();
    long grains = (extent.sizeBytes() + header.grainBytes() - 1) / header.grainBytes();
    total += grains;
    BitSet used = new BitSet();
    long end = header.overhead() * SECTOR;
    for (long index = 0; index < header.directoryEntries(); index++) {
      if (extent.tables.isCrowded()) {
        extent.flush();
      }
      long table = table(extent, header.grainDirectory(), index);
      end = Math.max(end, table == 0 ? 0 : table + header.tableBytes());
      long copy =
          header.has(SparseHeader.FLAG_REDUNDANT)
              ? table(extent, header.redundantDirectory(), index)
              : 0;
      end = Math.max(end, copy == 0 ? 0 : copy + header.tableBytes());
      for (int i = 0; table != 0 && i < header.entriesPerTable(); i++) {
        long position = table + i * 4L;
        long entry = extent.tables.getInt(position);
        boolean isZero = entry == 1 && header.has(SparseHeader.FLAG_ZERO_GRAINS);
        if (entry != 0 && !isZero) {
          long at = entry * SECTOR;
          if (entry < header.overhead() || at >= size) {
            found(
                extent,
                position,
                "a grain lies at sector " + entry + ", outside of the file",
                repair == Repair.ALL && !extent.isReadOnly());
            if (repair == Repair.ALL && !extent.isReadOnly()) {
              extent.tables.putInt(position, 0);
              entry = 0;
            }
          } else {
            allocated++;
            long length = isCompressed ? SECTOR : header.grainBytes();
            end = Math.max(end, at + length);
            int unit = (int) (at / length);
            if (at % header.grainBytes() == 0 || isCompressed) {
              if (used.get(unit)) {
                found(extent, position, "two grains lie at sector " + entry, false);
              }
              used.set(unit);
            }
          }
        }
        if (copy != 0 && extent.tables.getInt(copy + i * 4L) != entry) {
          boolean isMended = repair == Repair.ALL && !extent.isReadOnly();
          found(extent, copy + i * 4L, "the redundant grain table differs", isMended);
          if (isMended) {
            extent.tables.putInt(copy + i * 4L, entry);
          }
        }
      }
    }
    checkTail(extent, isCompressed ? size : end, size);
    extent.flush();
  }

  /** A loss of power leaves room at the file's end that no entry refers to. */
  private void checkTail(SparseExtent extent, long end, long size) throws IOException {
    long lost = size - SparseExtent.roundUp(end, extent.header.grainBytes());
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
    if (table != 0 && table > extent.file().size() - extent.header.tableBytes()) {
      found(extent, position, "a grain table is outside of the file", false);
      return 0;
    }
    return table;
  }

  private void found(SparseExtent extent, long position, String what, boolean isMended) {
    if (isMended) {
      repaired++;
    } else {
      corruptions++;
    }
    note(extent, position, what);
  }

  private void note(SparseExtent extent, long position, String what) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add("%s: at byte %d: %s".formatted(extent.file().name(), position, what));
    }
  }
}
