package org.maloca.x86.translate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes regions down as they are translated, each into a folder of its own: {@code guest.txt} the
 * code it is made from, {@code plan.txt} what was decided, {@code Region.class} and {@code
 * bytecode.txt} what came out. For people; the text may change from version to version.
 */
final class RegionDump {
  /** So that a guest which makes code all day does not fill the disk. */
  private static final int MOST_REGIONS = 20_000;

  private static final System.Logger LOG = System.getLogger(RegionDump.class.getName());

  private final DumpOptions options;
  private int written;
  private boolean failed;

  RegionDump(DumpOptions options) {
    this.options = options;
  }

  /** Writes a region if it was asked for. The first failure is logged and the last attempt. */
  void write(RegionDraft draft) {
    boolean wanted = options.rip().isEmpty() || draft.contains(options.rip().getAsLong());
    if (!wanted || failed || written == MOST_REGIONS) {
      return;
    }
    written++;
    Path folder = options.folder().resolve(name(draft));
    try {
      Files.createDirectories(folder);
      writeLines(folder.resolve("guest.txt"), GuestListing.of(draft));
      writeLines(folder.resolve("plan.txt"), PlanListing.of(draft));
      writeLines(
          folder.resolve("bytecode.txt"),
          BytecodeListing.of(draft.classFile(), draft.code().namedSlots(), draft::textAt));
      Files.write(folder.resolve("Region.class"), draft.classFile());
    } catch (IOException failure) {
      failed = true;
      LOG.log(System.Logger.Level.WARNING, "no more regions are written: {0}", failure.toString());
    }
  }

  private static String name(RegionDraft draft) {
    return "%05d-%s-%x".formatted(draft.number(), draft.kind().label(), draft.rip());
  }

  private static void writeLines(Path file, List<String> lines) throws IOException {
    Files.write(file, lines);
  }
}
