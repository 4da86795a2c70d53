package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.GuestException;

/**
 * How long a guest takes to unpack, pack and list a tree of 2,000 files in a folder of the host
 * that is shared by 9P, in Maloca and in QEMU with TCG.
 */
final class ShareBench {
  private static final Duration ROW_PATIENCE = Duration.ofMinutes(3);
  private static final int MEMORY_MEBIBYTES = 512;
  private static final int DIRECTORIES = 40;
  private static final int FILES_EACH = 50;
  private static final int MAX_FILE_BYTES = 16_000;

  private static final String INIT =
      """
      #!/bin/sh
      mount -t proc proc /proc
      mount -t sysfs sysfs /sys
      mount -t devtmpfs devtmpfs /dev
      modprobe -a virtio_pci 9pnet_virtio 9p
      exec /bin/share "$1"
      """;

  private final BenchOptions options;
  private final Path folder;

  ShareBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  void measure(Comparison comparison)
      throws IOException, InterruptedException, BenchException, GuestException {
    List<Row> rows =
        Stream.of("none", "loose")
            .flatMap(cache ->
                Stream.of("unpack", "pack", "walk")
                    .map(work -> new Row(Group.DISK, "9p-%s:%s".formatted(cache, work))))
            .filter(options::wants)
            .toList();
    if (rows.isEmpty()) {
      return;
    }
    // The cloud kernel has no 9p.
    StorageGuest guest = StorageGuest.make(GuestArchitecture.AMD64_GENERIC, "share", INIT, folder);
    String names = rows.stream().map(Row::name).collect(Collectors.joining(","));
    List<RowTimes> times = new ArrayList<>();
    rows.forEach(row -> times.add(new RowTimes(row, null)));
    Path ours = makeTree("maloca-share");
    Path theirs = makeTree("qemu-share");
    comparison.measure(
        guest.boot(names, MEMORY_MEBIBYTES),
        List.of("--share", ours + ",tag=share"),
        List.of("-virtfs", "local,path=%s,mount_tag=share,security_model=none".formatted(theirs)),
        times,
        ROW_PATIENCE);
  }

  private Path makeTree(String name) throws IOException {
    Path share = folder.resolve(name);
    for (int directory = 0; directory < DIRECTORIES; directory++) {
      Path made = Files.createDirectories(share.resolve("tree/directory-" + directory));
      for (int file = 0; file < FILES_EACH; file++) {
        byte[] content = new byte[(directory * FILES_EACH + file) * 7919 % MAX_FILE_BYTES];
        Arrays.fill(content, (byte) ('a' + file % 26));
        Files.write(made.resolve("file-%d.txt".formatted(file)), content);
      }
    }
    return share;
  }
}
