package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.copy.CopyOptions;
import org.maloca.block.copy.DiskCopy;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.CompressedWriter;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.cli.interruption.Unfinished;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk convert}. */
final class ConvertCommand {
  private ConvertCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Copies a disk into a new image, of another format or with other options.",
            "Zeros take no room in it. It gets its name when it is whole.")
        .format("Format of the source (default: by its content).", "-f", "--format")
        .format(
            "Format of the new image (default: by the ending of its name, else raw).",
            "-O",
            "--output-format")
        .texts("NAME=VALUE[,...]", "Options of the new format: docs/disks.md has them.", "-o")
        .flag("Compress it (qcow2, vmdk).", "-c", "--compress")
        .text(
            "FILE", "Make it a difference to FILE: only what differs is copied.", "-B", "--backing")
        .format("Format of that one (default: by its content).", "-F", "--backing-format")
        .text(
            "SNAPSHOT",
            "Copy the disk as it was at an internal snapshot (qcow2).",
            "-l",
            "--snapshot")
        .text(
            "SIZE",
            "Leave out zeros by pieces of SIZE (default: 4K; 0: copy zeros too).",
            "-S",
            "--sparse-size")
        .text("N", "So many threads copy.", "-m", "--threads")
        .cache(
            "Cache mode of the new image (default: unsafe, as the copy can be repeated).",
            "-t",
            "--cache")
        .cache("Cache mode of the source (default: writeback).", "-T", "--source-cache")
        .flag("Replace a file that is there.", "--force")
        .flag(
            "Write into TARGET, which is an image or a disk of the host, and keep the rest of it.",
            "-n",
            "--no-create")
        .progress()
        .forceShare()
        .allowPath()
        .positional("SOURCE", "1", "The image to copy.")
        .positional("TARGET", "1", "The new image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path sourcePath = arguments.path(0, "the source");
    Path targetPath = arguments.path(1, "the new image");
    ImageFormat told = arguments.format("-O");
    ImageFormat format = told != null ? told : DiskArguments.formatByName(targetPath);
    OpenOptions reading =
        arguments
            .reading("-f")
            .withCache(arguments.cache("-T", CacheMode.WRITEBACK))
            .withSnapshot(arguments.text("-l"));
    try (OpenedDisk source = DiskImages.open(sourcePath, reading)) {
      String backing = arguments.text("-B");
      if (arguments.has("-n")) {
        fill(arguments, source, targetPath);
      } else if (backing == null) {
        convert(arguments, source, targetPath, format, null, null);
      } else {
        Path named = targetPath.resolveSibling(DiskArguments.path(backing));
        OpenOptions options =
            OpenOptions.readOnly()
                .withFormat(arguments.format("-F"))
                .withAllowed(arguments.allowed().withFile(named));
        try (OpenedDisk below = DiskImages.open(named, options)) {
          convert(arguments, source, targetPath, format, backing, below);
        }
      }
    }
    return DiskExitCode.OK;
  }

  /** Copies into an image that is there. */
  private static void fill(DiskArguments arguments, OpenedDisk source, Path targetPath)
      throws IOException, DiskCommandException {
    for (String option : List.of("-o", "-B", "--force")) {
      if (arguments.has(option)) {
        throw DiskArguments.usage("-n: the image is there already, so there is no " + option);
      }
    }
    OpenOptions writing =
        arguments.writing("-O").withCache(arguments.cache("-t", CacheMode.WRITEBACK));
    try (OpenedDisk opened = DiskImages.open(targetPath, writing)) {
      DiskImage target = opened.image();
      if (target.sizeBytes() < source.image().sizeBytes()) {
        throw new IOException(
            "%s has %d bytes, and %d are to be copied"
                .formatted(targetPath, target.sizeBytes(), source.image().sizeBytes()));
      }
      boolean isCompressed = arguments.has("-c");
      if (isCompressed) {
        Compression.choose(target.format(), new HashMap<>());
      }
      copy(arguments, source, target, false, null, isCompressed);
    }
  }

  private static void convert(
      DiskArguments arguments,
      OpenedDisk source,
      Path targetPath,
      ImageFormat format,
      @Nullable String backing,
      @Nullable OpenedDisk below)
      throws IOException, DiskCommandException {
    Map<String, String> options = arguments.formatOptions();
    boolean isCompressed = arguments.has("-c");
    if (isCompressed) {
      Compression.choose(format, options);
    }
    CreateRequest.Base named =
        backing == null || below == null
            ? null
            : new CreateRequest.Base(
                DiskArguments.nameInImage(backing), below.image().format(), below.image());
    CreateRequest request = new CreateRequest(format, source.image().sizeBytes(), options, named);
    CacheMode cache = arguments.cache("-t", CacheMode.UNSAFE);
    try (ImageCreation creation =
            ImageCreation.of(targetPath, request, arguments.has("--force"), cache);
        Unfinished ignored = new Unfinished(creation::close)) {
      creation.make();
      DiskImage base = below == null ? null : below.image();
      // What is written of a cluster goes beside what the base has in it.
      try (DiskImage target = creation.open(base)) {
        copy(arguments, source, target, base == null, base, isCompressed);
      }
      creation.complete();
    }
  }

  private static void copy(
      DiskArguments arguments,
      OpenedDisk source,
      DiskImage target,
      boolean isTargetZero,
      @Nullable DiskImage below,
      boolean isCompressed)
      throws IOException, DiskCommandException {
    long total = source.image().sizeBytes();
    try (ProgressLine progress = new ProgressLine(System.err, total, arguments.showsProgress())) {
      long unit = arguments.size("-S", CopyOptions.DEFAULT_UNIT_BYTES);
      boolean skipsZeros = unit != 0;
      if (isCompressed) {
        unit = Math.max(unit, target.info().clusterBytes());
      }
      CopyOptions options =
          new CopyOptions(
              isTargetZero,
              below,
              skipsZeros,
              (int) Math.max(512, Math.min(unit, Integer.MAX_VALUE)),
              arguments.number("-m", CopyOptions.defaultThreads(), 1, 64));
      new DiskCopy(
              source.image(),
              ChainMap.of(source),
              isCompressed ? CompressedWriter.of(target) : target,
              options,
              progress)
          .run();
      target.flush();
      progress.complete();
    }
  }
}
