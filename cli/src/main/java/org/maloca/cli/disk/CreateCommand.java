package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.cli.interruption.Unfinished;
import org.maloca.core.text.SizeText;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk create}. */
final class CreateCommand {
  private CreateCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Makes an image: empty, or a difference to another one.",
            "Sizes are as in 512M, 20G or 1.5T; with -b it is by default that of the other one.")
        .format(
            "The image's format (default: by the ending of its name, else raw).", "-f", "--format")
        .texts("NAME=VALUE[,...]", "Options of the format: docs/disks.md has them.", "-o")
        .text(
            "FILE",
            "Make it a difference to FILE, which must not change any more.",
            "-b",
            "--backing")
        .format("Format of that one (default: by its content).", "-F", "--backing-format")
        .flag("Do not look whether the other one is there.", "-u", "--unsafe")
        .flag("Replace a file that is there.", "--force")
        .flag("Say nothing but errors.", "-q", "--quiet")
        .allowPath()
        .positional("FILE", "1", "The image.")
        .positional("SIZE", "0..1", "Size of the disk.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "the image's file");
    ImageFormat told = arguments.format("-f");
    ImageFormat format = told != null ? told : DiskArguments.formatByName(path);
    Map<String, String> options = arguments.formatOptions();
    String backing = arguments.text("-b", options.getOrDefault("backing_file", ""));
    String backingFormat = options.remove("backing_fmt");
    options.remove("backing_file");
    long size =
        arguments.positionals() > 1
            ? DiskArguments.size("size", arguments.positional(1, "the size"))
            : -1;
    if (backing.isEmpty()) {
      if (size < 0) {
        throw DiskArguments.usage("give the disk's size, as 20G");
      }
      return create(arguments, path, new CreateRequest(format, roundUp(size), options, null));
    }
    ImageFormat below = arguments.format("-F");
    if (below == null && backingFormat != null) {
      below = DiskArguments.format("backing_fmt", backingFormat);
    }
    if (arguments.has("-u")) {
      if (size < 0 || below == null) {
        throw DiskArguments.usage("-u needs the disk's size, and -F");
      }
      CreateRequest.Base base = new CreateRequest.Base(backing, below, null);
      return create(arguments, path, new CreateRequest(format, roundUp(size), options, base));
    }
    try (OpenedDisk other = openBase(arguments, path, backing, below)) {
      CreateRequest.Base base =
          new CreateRequest.Base(
              DiskArguments.nameInImage(backing), other.image().format(), other.image());
      long bytes = size < 0 ? other.image().sizeBytes() : roundUp(size);
      return create(arguments, path, new CreateRequest(format, bytes, options, base));
    }
  }

  /** Relative names are as the image will mean them: from its folder. */
  private static OpenedDisk openBase(
      DiskArguments arguments, Path image, String backing, @Nullable ImageFormat format)
      throws IOException, DiskCommandException {
    Path named = image.resolveSibling(DiskArguments.path(backing));
    return DiskImages.open(
        named,
        OpenOptions.readOnly().withFormat(format).withAllowed(arguments.allowed().withFile(named)));
  }

  private static int create(DiskArguments arguments, Path path, CreateRequest request)
      throws IOException {
    try (ImageCreation creation =
            ImageCreation.of(path, request, arguments.has("--force"), CacheMode.WRITEBACK);
        Unfinished ignored = new Unfinished(creation::close)) {
      creation.make();
      creation.complete();
    }
    if (!arguments.has("-q")) {
      System.out.println(
          "Created %s: %s, %s (%d bytes)%s"
              .formatted(
                  path,
                  request.format().optionName(),
                  SizeText.format(request.sizeBytes()),
                  request.sizeBytes(),
                  request.base() == null ? "" : ", a difference to " + request.base().name()));
    }
    return DiskExitCode.OK;
  }

  private static long roundUp(long bytes) {
    return (bytes + 511) & -512;
  }
}
