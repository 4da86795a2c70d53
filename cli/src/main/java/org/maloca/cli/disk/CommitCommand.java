package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.maloca.block.copy.CopyOptions;
import org.maloca.block.copy.DiskCopy;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.DiskImage;
import org.maloca.block.limit.CacheMode;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk commit}: writes what an image has of its own into the one below. */
final class CommitCommand {
  private CommitCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Writes what an image has of its own into the image below it.",
            "Other images that are differences to that one are of no more use then. The image shows"
                + " what it showed; its own content is dropped, where its format can (qcow2), unless -d"
                + " or -b is given.")
        .format("The image's format (default: by its content).", "-f", "--format")
        .text("FILE", "Into that image, further below, with what lies between.", "-b", "--base")
        .flag("Keep the image's own content too.", "-d", "--keep")
        .cache("Cache mode (default: writeback).", "-t", "--cache")
        .progress()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    int depth = baseDepth(arguments, path);
    OpenOptions options =
        arguments
            .writing("-f")
            .withCache(arguments.cache("-t", CacheMode.WRITEBACK))
            .withWritableBacking(depth);
    try (OpenedDisk disk = DiskImages.open(path, options)) {
      commit(arguments, disk, depth);
      if (depth == 1) {
        disk.image().adoptParent();
      }
      if (!arguments.has("-d") && !arguments.has("-b")) {
        // What was committed is durable: it is on the disk twice until here.
        boolean ignored = disk.image().empty();
      }
      if (!arguments.has("-q")) {
        System.out.println("Image committed.");
      }
    }
    return DiskExitCode.OK;
  }

  /** Which image below is meant; 1 is the next one. */
  private static int baseDepth(DiskArguments arguments, Path path)
      throws IOException, DiskCommandException {
    try (OpenedDisk disk = DiskImages.open(path, arguments.reading("-f"))) {
      if (disk.layers().size() == 1) {
        throw new DiskCommandException(
            DiskExitCode.FAILED, path + ": is no difference to an image");
      }
      String base = arguments.text("-b");
      if (base == null) {
        return 1;
      }
      Path wanted = DiskArguments.path(base);
      for (int depth = 1; depth < disk.paths().size(); depth++) {
        if (Files.exists(wanted) && Files.isSameFile(wanted, disk.paths().get(depth))) {
          return depth;
        }
      }
      throw new DiskCommandException(
          DiskExitCode.FAILED, "%s: is not below %s".formatted(base, path));
    }
  }

  private static void commit(DiskArguments arguments, OpenedDisk disk, int depth)
      throws IOException, DiskCommandException {
    DiskImage image = disk.image();
    DiskImage base = disk.layers().get(depth);
    if (base.sizeBytes() < image.sizeBytes()) {
      base.resize(image.sizeBytes());
    }
    try (ProgressLine progress =
        new ProgressLine(System.err, image.sizeBytes(), arguments.showsProgress())) {
      CopyOptions options =
          new CopyOptions(
              false, null, true, CopyOptions.DEFAULT_UNIT_BYTES, CopyOptions.defaultThreads());
      new DiskCopy(image, ChainMap.ofFirst(disk, depth), base, options, progress).run();
      base.flush();
      progress.complete();
    }
  }
}
