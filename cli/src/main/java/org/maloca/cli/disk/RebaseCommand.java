package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.maloca.block.copy.DiskRebase;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.qcow2.Qcow2Image;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk rebase}: makes an image a difference to another one. */
final class RebaseCommand {
  private RebaseCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Makes an image (qcow2) a difference to another one, or to none, and keeps what it shows.",
            "With -u only the name is changed: for a base that was moved, or written to as well.")
        .format("The image's format (default: by its content).", "-f", "--format")
        .text(
            "FILE",
            "The new image below, as seen from the image's folder; '' for none.",
            "-b",
            "--backing")
        .format("Format of that one (default: by its content).", "-F", "--backing-format")
        .flag("Change the name only, and look at nothing.", "-u", "--unsafe")
        .cache("Cache mode (default: writeback).", "-t", "--cache")
        .progress()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    String backing = arguments.text("-b");
    if (backing == null) {
      throw DiskArguments.usage("give the new image below (-b FILE), or -b '' for none");
    }
    ImageFormat told = arguments.format("-F");
    OpenOptions options =
        arguments.writing("-f").withCache(arguments.cache("-t", CacheMode.WRITEBACK));
    if (arguments.has("-u")) {
      try (OpenedDisk disk = DiskImages.open(path, options.withoutBacking())) {
        name(qcow2(disk, path), backing, told);
      }
      return DiskExitCode.OK;
    }
    try (OpenedDisk disk = DiskImages.open(path, options)) {
      Qcow2Image image = qcow2(disk, path);
      if (backing.isEmpty()) {
        rebase(arguments, disk, image, null);
        name(image, backing, null);
      } else {
        Path named = path.resolveSibling(DiskArguments.path(backing));
        OpenOptions reading =
            OpenOptions.readOnly()
                .withFormat(told)
                .withAllowed(arguments.allowed().withFile(named));
        try (OpenedDisk below = DiskImages.open(named, reading)) {
          rebase(arguments, disk, image, below);
          name(image, DiskArguments.nameInImage(backing), below.image().format());
        }
      }
    }
    return DiskExitCode.OK;
  }

  private static Qcow2Image qcow2(OpenedDisk disk, Path path) throws DiskCommandException {
    if (disk.image() instanceof Qcow2Image image) {
      return image;
    }
    throw new DiskCommandException(
        DiskExitCode.FAILED, path + ": only qcow2 images can be rebased");
  }

  private static void rebase(
      DiskArguments arguments, OpenedDisk disk, Qcow2Image image, @Nullable OpenedDisk below)
      throws IOException {
    try (ProgressLine progress =
        new ProgressLine(System.err, image.sizeBytes(), arguments.showsProgress())) {
      new DiskRebase(image, disk.backing(), below == null ? null : below.image(), progress).run();
      image.flush();
      progress.complete();
    }
  }

  private static void name(Qcow2Image image, String backing, @Nullable ImageFormat format)
      throws IOException {
    image.setBackingFile(
        backing.isEmpty() ? null : backing,
        backing.isEmpty() || format == null
            ? null
            : format == ImageFormat.VHD ? "vpc" : format.optionName());
  }
}
