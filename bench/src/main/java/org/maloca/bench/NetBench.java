package org.maloca.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;

/**
 * How long a guest takes for its network traffic with the host through the user-mode network, in
 * Maloca and in QEMU with TCG and libslirp. The peer is in this process, in front of both.
 */
public final class NetBench {
  private static final Duration ROW_PATIENCE = Duration.ofMinutes(1);
  private static final int MEMORY_MEBIBYTES = 256;

  /** The gateway, which leads to the host's loopback in both. */
  private static final String HOST = "10.0.2.2";

  private static final List<String> WORKS =
      List.of(
          "tcp-send",
          "tcp-receive",
          "connections",
          "requests",
          "requests-32",
          "udp-send",
          "udp-receive");

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

  private final BenchOptions options;
  private final Path folder;

  private NetBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints; ends with status 1 when a result was wrong or missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new NetBench(options, folder).run());
  }

  private boolean run() throws IOException, InterruptedException, BenchException, GuestException {
    LinuxGuest linux = DebianLinuxGuest.ofUser().provide(false, System.err::println);
    Path initrd = writeInitrd(linux);
    Comparison comparison = Comparison.start(options);
    List<Row> rows =
        WORKS.stream().map(work -> new Row(Group.NETWORK, work)).filter(options::wants).toList();
    try (NetBenchPeer peer = new NetBenchPeer()) {
      measure(comparison, linux, initrd, peer, rows);
    }
    return comparison.finish();
  }

  private static void measure(
      Comparison comparison, LinuxGuest linux, Path initrd, NetBenchPeer peer, List<Row> rows)
      throws IOException {
    String names = rows.stream().map(Row::name).collect(Collectors.joining(","));
    String commandLine =
        "%s rdinit=/init -- %s %d %s".formatted(GuestBoot.COMMAND_LINE, HOST, peer.port(), names);
    List<RowTimes> times = new ArrayList<>();
    rows.forEach(row -> times.add(new RowTimes(row, null)));
    comparison.measure(
        new GuestBoot(linux.kernel(), initrd, commandLine, 1, MEMORY_MEBIBYTES),
        List.of("--net", "nat,loopback"),
        List.of("-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"),
        times,
        ROW_PATIENCE);
  }

  private Path writeInitrd(LinuxGuest linux)
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
    return initrd;
  }
}
