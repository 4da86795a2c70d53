package org.maloca.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;

/** What {@code qemu-img} finds in a copy of an image that was left behind. */
final class QemuOpinion {
  /** {@code qemu-img check}: nothing but lost room. */
  private static final int LEAKS = 3;

  private final long[] tags;

  /** Nothing is wrong but marks of single use that are missing. */
  final boolean lacksFlags;

  private QemuOpinion(long[] tags, boolean lacksFlags) {
    this.tags = tags;
    this.lacksFlags = lacksFlags;
  }

  /**
   * Asks, if it can open such an image and is installed.
   *
   * @throws IOException when it finds the image corrupt
   */
  static QemuOpinion of(DiskVariant variant, Path image, Path folder)
      throws IOException, InterruptedException {
    String format = variant.qemuName();
    if (format.isEmpty() || variant.format() == ImageFormat.RAW || !isInstalled()) {
      return new QemuOpinion(new long[0], false);
    }
    Path copy = folder.resolve("copy-" + image.getFileName());
    Path raw = folder.resolve("copy.raw");
    Files.copy(image, copy, StandardCopyOption.REPLACE_EXISTING);
    boolean needsRecovery = variant == DiskVariant.QCOW2_LAZY || format.equals("vhdx");
    if (needsRecovery) {
      expect(run("qemu-img", "check", "-r", "all", "-f", format, copy.toString()), 0);
    }
    boolean lacksFlags = false;
    if (!format.equals("vpc")) {
      Result check = run("qemu-img", "check", "-f", format, copy.toString());
      lacksFlags = lacksFlagsAlone(check.output);
      if (!lacksFlags) {
        expect(check, 0, LEAKS);
      }
    }
    expect(
        run("qemu-img", "convert", "-f", format, "-O", "raw", copy.toString(), raw.toString()), 0);
    try (OpenedDisk disk =
        DiskImages.open(raw, OpenOptions.readOnly().withFormat(ImageFormat.RAW))) {
      return new QemuOpinion(SectorPattern.read(disk.image(), DiskCrash.DISK_BYTES), lacksFlags);
    }
  }

  private record Result(String command, int status, String output) {}

  private static boolean isInstalled() throws InterruptedException {
    try {
      return run("qemu-img", "--version").status == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private static Result run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(String.join(" ", command), process.waitFor(), output.strip());
  }

  private static void expect(Result result, Integer... statuses) throws IOException {
    if (!List.of(statuses).contains(result.status)) {
      throw new IOException(
          "%s: status %d: %s".formatted(result.command, result.status, result.output));
    }
  }

  /**
   * Whether all that is wrong is that clusters do not say that they are used once. Such an entry
   * costs a copy at the next write, no more; it is what a snapshot that is being taken or deleted
   * leaves behind, in QEMU, too, since the flags can only follow the refcounts.
   */
  private static boolean lacksFlagsAlone(String output) {
    List<String> errors = output.lines().filter(line -> line.startsWith("ERROR")).toList();
    return !errors.isEmpty()
        && errors.stream()
            .allMatch(line -> line.startsWith("ERROR OFLAG_COPIED") && line.endsWith("refcount=1"));
  }

  /** Compares what both of us see. */
  void compare(long[] ours) throws IOException {
    int difference = tags.length == 0 ? -1 : Arrays.mismatch(tags, ours);
    if (difference >= 0) {
      throw new IOException(
          "sector %d holds %d, and for QEMU %d"
              .formatted(difference, ours[difference], tags[difference]));
    }
  }
}
