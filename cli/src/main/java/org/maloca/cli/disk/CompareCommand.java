package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.maloca.block.copy.DiskComparison;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenedDisk;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk compare}. */
final class CompareCommand {
  private CompareCommand() {}

  static CommandSpec spec() {
    CommandSpec spec =
        new DiskOptions(
                "Compares what two images show. Where one is longer, the rest must be zeros.")
            .format("Format of the first (default: by its content).", "-f", "--format")
            .format("Format of the second.", "-F", "--second-format")
            .flag("Disks of different size differ.", "-s", "--strict")
            .json()
            .progress()
            .forceShare()
            .allowPath()
            .positional("FILE", "1", "The first image.")
            .positional("FILE", "1", "The second image.")
            .spec();
    spec.usageMessage()
        .footerHeading("%nExit status:%n")
        .footer("  0   they are the same", "  1   they differ", "  2   the comparison failed");
    return spec;
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path firstPath = arguments.path(0, "two images");
    Path secondPath = arguments.path(1, "two images");
    try (OpenedDisk first = DiskImages.open(firstPath, arguments.reading("-f"));
        OpenedDisk second = DiskImages.open(secondPath, arguments.reading("-F"))) {
      long firstBytes = first.image().sizeBytes();
      long secondBytes = second.image().sizeBytes();
      if (arguments.has("-s") && firstBytes != secondBytes) {
        return tell(arguments, false, -1, "Strict mode: image size mismatch!");
      }
      long total = Math.max(firstBytes, secondBytes);
      long at;
      try (ProgressLine progress = new ProgressLine(System.err, total, arguments.showsProgress())) {
        at = new DiskComparison(first, second, progress).run();
      }
      if (at == DiskComparison.SAME) {
        return tell(arguments, true, -1, "Images are identical.");
      }
      return tell(arguments, false, at, "Content mismatch at offset %d!".formatted(at));
    }
  }

  private static int tell(DiskArguments arguments, boolean isSame, long offset, String text) {
    if (arguments.has("--json")) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("identical", isSame);
      if (offset >= 0) {
        json.put("offset", offset);
      }
      System.out.print(Json.of(json));
    } else if (!arguments.has("-q")) {
      System.out.println(text);
    }
    return isSame ? DiskExitCode.OK : DiskExitCode.FAILED;
  }
}
