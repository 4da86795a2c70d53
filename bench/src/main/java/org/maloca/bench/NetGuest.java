package org.maloca.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.LinuxGuest;

/**
 * The guest of {@code guests/bench/net}, which talks to a {@link NetBenchPeer}.
 *
 * @param initrd with the program
 */
record NetGuest(Path kernel, Path initrd) {
  private static final int MEMORY_MEBIBYTES = 256;

  /** The gateway, which leads to the host's loopback in Maloca and in QEMU. */
  private static final String HOST = "10.0.2.2";

  private static final String INIT =
      """
      #!/bin/sh
      mount -t proc proc /proc
      mount -t sysfs sysfs /sys
      mount -t devtmpfs devtmpfs /dev
      modprobe -a virtio_pci virtio_net
      ip link set lo up
      ip addr add 10.0.2.15/24 dev eth0
      ip link set eth0 up
      exec /bin/net "$1" "$2" "$3"
      """;

  /** Compiles and packs it. */
  static NetGuest make(LinuxGuest linux, Path folder)
      throws IOException, InterruptedException, BenchException {
    Path program = folder.resolve("net");
    Gcc.compile(Repository.root().resolve("guests/bench/net"), program);
    Path base = folder.resolve("base.cpio");
    BusyboxInitrd.write(linux.busybox(), INIT, Map.of(), base);
    Path initrd = folder.resolve("net.cpio");
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(initrd), 1 << 16)) {
      Files.copy(base, output);
      Files.copy(linux.modules(), output);
      CpioArchive archive = new CpioArchive(output);
      archive.file("bin/net", 0755, Files.readAllBytes(program));
      archive.close();
    }
    return new NetGuest(linux.kernel(), initrd);
  }

  /** A boot in which it measures these rows. */
  GuestBoot boot(int peerPort, List<String> rows) {
    String commandLine =
        "%s rdinit=/init -- %s %d %s"
            .formatted(GuestBoot.COMMAND_LINE, HOST, peerPort, String.join(",", rows));
    return new GuestBoot(kernel, initrd, commandLine, 1, MEMORY_MEBIBYTES);
  }
}
