package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.file.ImageInUseException;
import org.maloca.block.image.DiskImage;
import org.maloca.cli.control.ControlSocket;
import org.maloca.core.text.SizeText;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk resize}. */
final class ResizeCommand {
  private ResizeCommand() {}

  static CommandSpec spec() {
    CommandSpec spec =
        new DiskOptions(
                "Changes the size of the disk in an image: to SIZE, or by +SIZE or -SIZE.",
                "Partitions and file systems on it stay as they are: the guest changes those, before"
                    + " a disk is made smaller.",
                "A disk of a machine of yours that runs can be made larger, which the guest is told.")
            .format("The image's format (default: by its content).", "-f", "--format")
            .flag("Make it smaller: what is behind the new end is lost.", "--shrink")
            .flag("Say nothing but errors.", "-q", "--quiet")
            .allowPath()
            .positional("FILE", "1", "The image.")
            .positional("SIZE", "1", "The new size.")
            .spec();
    // A size below zero is no option.
    spec.parser().unmatchedOptionsArePositionalParams(true);
    return spec;
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    long bytes;
    try {
      bytes = resize(arguments, path, DiskSize.parse(arguments.positional(1, "the new size")));
    } catch (IllegalArgumentException wrong) {
      throw DiskArguments.usage(String.valueOf(wrong.getMessage()));
    }
    if (!arguments.has("-q")) {
      System.out.println(
          "Resized %s: %s (%d bytes)".formatted(path, SizeText.format(bytes), bytes));
    }
    return DiskExitCode.OK;
  }

  private static long resize(DiskArguments arguments, Path path, DiskSize size)
      throws IOException, DiskCommandException {
    try (OpenedDisk disk = DiskImages.open(path, arguments.writing("-f"))) {
      DiskImage image = disk.image();
      long before = image.sizeBytes();
      long bytes = size.after(before);
      if (bytes < before && !arguments.has("--shrink")) {
        throw DiskArguments.usage(
            "the disk would lose its last %s: say --shrink if that is meant"
                .formatted(SizeText.format(before - bytes)));
      }
      image.resize(bytes);
      image.flush();
      return bytes;
    } catch (ImageInUseException used) {
      return RunningDisks.resize(ControlSocket.folder(), path, size).orElseThrow(() -> used);
    }
  }
}
