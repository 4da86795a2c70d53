package org.maloca.block.vdi;

import java.util.ArrayList;
import java.util.List;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;

/** Collects what a check of an image finds. */
final class VdiCheck {
  private final ImageFile file;
  private final List<String> messages = new ArrayList<>();
  private long corruptions;

  VdiCheck(ImageFile file) {
    this.file = file;
  }

  /** A contradiction, of which no half can be said to be the wrong one. */
  void found(long position, String what) {
    corruptions++;
    note(position, what);
  }

  void note(long position, String what) {
    if (messages.size() < CheckReport.MAX_MESSAGES) {
      messages.add("%s: at byte %d: %s".formatted(file.name(), position, what));
    }
  }

  CheckReport report(long leaks, long repairedLeaks, long allocated, long total) {
    return new CheckReport(corruptions, leaks, 0, repairedLeaks, allocated, total, messages);
  }
}
