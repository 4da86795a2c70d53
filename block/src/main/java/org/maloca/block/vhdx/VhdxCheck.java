package org.maloca.block.vhdx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.table.SparseBits;

/**
 * Looks at every entry of the BAT that is not zero: that states are known, and that blocks lie
 * inside the file and apart from each other and from the structures. An entry that leads nowhere
 * holds no data and is mended by taking it out; two uses of one place cannot be mended.
 */
final class VhdxCheck {
  private final VhdxImage image;
  private final ImageFile file;
  private final boolean isMending;
  private final boolean isTrimming;
  private final List<String> messages = new ArrayList<>();
  private final SparseBits used = new SparseBits();
  private long corruptions;
  private long repaired;
  private long allocated;
  private long end = VhdxImage.MIB;

  VhdxCheck(VhdxImage image, ImageFile file, Repair repair) {
    this.image = image;
    this.file = file;
    isMending = repair == Repair.ALL && !image.isReadOnly();
    isTrimming = repair != Repair.NOTHING && !image.isReadOnly();
  }

  CheckReport run() throws IOException {
    include(image.headers.logOffset(), image.headers.logLength());
    include(image.regions.batOffset(), image.regions.batLength());
    include(image.regions.metadataOffset(), image.regions.metadataLength());
    long blockBytes = image.metadata.blockBytes();
    long blocks = (image.sizeBytes() + blockBytes - 1) / blockBytes;
    long chunkBlocks = image.chunkBlocks();
    boolean hasParent = image.metadata.hasParent();
    long entries = Bat.count(image.sizeBytes(), blockBytes, chunkBlocks, hasParent);
    for (long index = image.nextEntry(0, entries);
        index < entries;
        index = image.nextEntry(index + 1, entries)) {
      if (image.isCrowded()) {
        image.flush();
      }
      long chunk = index / (chunkBlocks + 1);
      long inChunk = index % (chunkBlocks + 1);
      if (inChunk == chunkBlocks) {
        if (hasParent) {
          checkEntry(image.bitmapEntryPosition(chunk), VhdxImage.MIB, true);
        }
      } else if (chunk * chunkBlocks + inChunk < blocks) {
        checkEntry(image.entryPosition(chunk * chunkBlocks + inChunk), blockBytes, false);
      }
    }
    image.flush();
    long lost = (file.size() - end) / VhdxImage.MIB;
    long leaks = Math.max(lost, 0);
    if (leaks > 0) {
      note(end, leaks + " MiB at the end belong to nothing");
      if (isTrimming) {
        image.truncate(end);
      }
    }
    return new CheckReport(
        corruptions,
        isTrimming ? 0 : leaks,
        repaired,
        isTrimming ? leaks : 0,
        allocated,
        blocks,
        messages);
  }

  private void checkEntry(long position, long length, boolean isBitmap) throws IOException {
    long entry = image.tables.getLong(position);
    int state = Bat.state(entry);
    boolean isPresent = state == Bat.FULLY_PRESENT || !isBitmap && state == Bat.PARTIALLY_PRESENT;
    if (!isPresent) {
      if (state > Bat.UNMAPPED || isBitmap && state != Bat.NOT_PRESENT) {
        mend(position, "an entry has state " + state);
      }
      return;
    }
    try {
      long place = image.place(entry, position, length);
      boolean isAlone = true;
      for (long at = 0; at < length; at += VhdxImage.MIB) {
        isAlone &= used.add((place + at) / VhdxImage.MIB);
      }
      if (!isAlone) {
        corruptions++;
        note(position, "two blocks overlap at " + place);
      }
      include(place, length);
      allocated += isBitmap ? 0 : 1;
    } catch (CorruptImageException e) {
      mend(position, "a block lies outside of the file or over a structure");
    }
  }

  private void include(long start, long length) {
    end = Math.max(end, start + length);
  }

  private void mend(long position, String what) throws IOException {
    note(position, what);
    if (isMending) {
      image.tables.putLong(position, 0);
      repaired++;
    } else {
      corruptions++;
    }
  }

  private void note(long position, String what) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add("%s: at byte %d: %s".formatted(file.name(), position, what));
    }
  }
}
