package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk info}. */
final class InfoCommand {
  private InfoCommand() {}

  static CommandSpec spec() {
    return new DiskOptions("Tells what an image is.")
        .format("The image's format (default: by its content).", "-f", "--format")
        .flag("Tell of the images below too.", "--backing-chain")
        .json()
        .forceShare()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    boolean isChain = arguments.has("--backing-chain");
    OpenOptions options = arguments.reading("-f");
    try (OpenedDisk disk = DiskImages.open(path, isChain ? options : options.withoutBacking())) {
      List<ImageReport> reports = new ArrayList<>();
      for (int i = 0; i < disk.layers().size(); i++) {
        reports.add(new ImageReport(disk.paths().get(i), disk.layers().get(i)));
      }
      if (disk.note() != null) {
        System.err.println("maloca: " + disk.note());
      }
      if (arguments.has("--json")) {
        System.out.print(
            Json.of(
                isChain
                    ? reports.stream().map(ImageReport::json).toList()
                    : reports.getFirst().json()));
        return DiskExitCode.OK;
      }
      for (int i = 0; i < reports.size(); i++) {
        if (i > 0) {
          System.out.println();
        }
        reports.get(i).print(System.out);
      }
    }
    return DiskExitCode.OK;
  }
}
