package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;

/**
 * How long a guest takes for its network traffic with the host through the user-mode network, in
 * Maloca and in QEMU with TCG and libslirp. The peer is in this process, in front of both.
 */
public final class NetBench {
  private static final Duration ROW_PATIENCE = Duration.ofMinutes(1);
  private static final List<String> WORKS =
      List.of(
          "tcp-send",
          "tcp-receive",
          "connections",
          "requests",
          "requests-32",
          "udp-send",
          "udp-receive");

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
    NetGuest guest = NetGuest.make(linux, folder);
    Comparison comparison = Comparison.start(options);
    List<Row> rows =
        WORKS.stream().map(work -> new Row(Group.NETWORK, work)).filter(options::wants).toList();
    try (NetBenchPeer peer = new NetBenchPeer()) {
      measure(comparison, guest, peer, rows);
    }
    return comparison.finish();
  }

  private static void measure(
      Comparison comparison, NetGuest guest, NetBenchPeer peer, List<Row> rows) throws IOException {
    List<String> names = rows.stream().map(Row::name).toList();
    List<RowTimes> times = new ArrayList<>();
    rows.forEach(row -> times.add(new RowTimes(row, null)));
    comparison.measure(
        guest.boot(peer.port(), names),
        List.of("--net", "nat,loopback"),
        List.of("-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"),
        times,
        ROW_PATIENCE);
  }
}
