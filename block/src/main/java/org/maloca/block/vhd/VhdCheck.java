package org.maloca.block.vhd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;

/** Collects what a check of an image finds. */
final class VhdCheck {
  private final ImageFile file;
  private final long blockSpan;
  private int[] sectors = new int[1024];
  private int count;
  private final List<String> messages = new ArrayList<>();
  private long corruptions;
  private long repaired;

  /**
   * Makes one.
   *
   * @param blockSpan bytes of a block with its bitmap
   */
  VhdCheck(ImageFile file, long blockSpan) {
    this.file = file;
    this.blockSpan = blockSpan;
  }

  /** Takes an entry that is in use. */
  void entry(long entryPosition, long place, boolean isInside) {
    if (!isInside) {
      found(entryPosition, "a block lies outside of the file or over a structure");
      return;
    }
    if (count == sectors.length) {
      sectors = Arrays.copyOf(sectors, 2 * count);
    }
    // Places go beyond 2^31 sectors; turned so, they sort as if without sign.
    sectors[count++] = (int) (place / 512) ^ Integer.MIN_VALUE;
  }

  void footerCopy(boolean isMended) {
    if (isMended) {
      repaired++;
      note(0, "the copies of the footer differ");
    } else {
      found(0, "the copies of the footer differ");
    }
  }

  private void found(long position, String what) {
    corruptions++;
    note(position, what);
  }

  private void note(long position, String what) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add("%s: at byte %d: %s".formatted(file.name(), position, what));
    }
  }

  CheckReport report(long total) {
    Arrays.sort(sectors, 0, count);
    for (int i = 1; i < count; i++) {
      if (((long) sectors[i] - sectors[i - 1]) * 512 < blockSpan) {
        found(((sectors[i] ^ Integer.MIN_VALUE) & 0xffff_ffffL) * 512, "two blocks overlap here");
      }
    }
    return new CheckReport(corruptions, 0, repaired, 0, count, total, messages);
  }
}
