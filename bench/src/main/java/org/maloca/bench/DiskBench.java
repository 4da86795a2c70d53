package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.GuestException;

/**
 * How long a guest's reads and writes of a virtio disk take in Maloca and in QEMU with TCG, for raw
 * and for qcow2 images, which {@code qemu-img} makes anew for each; and its work in a shared
 * folder.
 */
public final class DiskBench {
  private static final Duration ROW_PATIENCE = Duration.ofMinutes(1);
  private static final int MEMORY_MEBIBYTES = 256;
  private static final List<String> FORMATS = List.of("raw", "qcow2");
  private static final List<String> WORKS =
      List.of(
          "sequential-write",
          "sequential-read",
          "random-read",
          "random-read-32",
          "random-write",
          "random-write-32",
          "synced-write");

  private static final String INIT =
      """
      #!/bin/sh
      mount -t proc proc /proc
      mount -t sysfs sysfs /sys
      mount -t devtmpfs devtmpfs /dev
      modprobe -a virtio_pci virtio_blk
      exec /bin/disk /dev/vda "$1"
      """;

  private final BenchOptions options;
  private final Path folder;

  private DiskBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints; ends with status 1 when a result was wrong or missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new DiskBench(options, folder).run());
  }

  private boolean run() throws IOException, InterruptedException, BenchException, GuestException {
    StorageGuest guest = StorageGuest.make(GuestArchitecture.AMD64, "disk", INIT, folder);
    Comparison comparison = Comparison.start(options);
    for (String format : FORMATS) {
      List<Row> rows =
          WORKS.stream()
              .map(work -> new Row(Group.DISK, format + ":" + work))
              .filter(options::wants)
              .toList();
      if (!rows.isEmpty()) {
        measure(comparison, guest, format, rows);
      }
    }
    new ShareBench(options, folder).measure(comparison);
    return comparison.finish();
  }

  private void measure(Comparison comparison, StorageGuest guest, String format, List<Row> rows)
      throws IOException, InterruptedException, BenchException {
    String names = rows.stream().map(Row::name).collect(Collectors.joining(","));
    List<RowTimes> times = new ArrayList<>();
    rows.forEach(row -> times.add(new RowTimes(row, null)));
    Path malocaDisk = makeImage(format, "maloca");
    Path qemuDisk = makeImage(format, "qemu");
    comparison.measure(
        guest.boot(names, MEMORY_MEBIBYTES),
        List.of("--disk", malocaDisk + ",format=" + format),
        List.of("-drive", "if=virtio,file=%s,format=%s".formatted(qemuDisk, format)),
        times,
        ROW_PATIENCE);
  }

  private Path makeImage(String format, String owner)
      throws IOException, InterruptedException, BenchException {
    Path image = folder.resolve(owner + "." + format);
    List<String> command =
        List.of("qemu-img", "create", "-q", "-f", format, image.toString(), "256M");
    try (TimedProcess make = new TimedProcess(command)) {
      make.awaitEnd();
    } catch (IOException missing) {
      throw new BenchException("qemu-img is needed: install qemu-utils");
    }
    return image;
  }
}
