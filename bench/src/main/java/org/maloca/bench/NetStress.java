package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;

/**
 * Hard times for the user-mode network, with a guest's own TCP at the other end: a gibibyte each
 * way over a line that loses, doubles and reorders one frame in a hundred each, and streams beside
 * 10,000 connections that are open; and flows beside a machine that floods ({@link NetAbuse}).
 */
public final class NetStress {
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final String BAD_LINE = "nat,loopback,loss=1,duplicate=1,reorder=1";
  private static final double KEPT_PART = 0.8;

  private final Maloca maloca;
  private final NetGuest guest;
  private final NetBenchPeer peer;

  private NetStress(Maloca maloca, NetGuest guest, NetBenchPeer peer) {
    this.maloca = maloca;
    this.guest = guest;
    this.peer = peer;
  }

  /** Runs all; ends with status 1 when something was lost, or too slow beside others. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, NetStress::run);
  }

  private static boolean run(BenchOptions options, Path folder)
      throws IOException, InterruptedException, BenchException, GuestException {
    NetGuest guest =
        NetGuest.make(DebianLinuxGuest.ofUser().provide(false, System.err::println), folder);
    Maloca maloca = new Maloca(Repository.root().resolve("maloca"), options.engine());
    maloca.build();
    try (NetBenchPeer peer = new NetBenchPeer()) {
      NetStress stress = new NetStress(maloca, guest, peer);
      boolean isRight = !options.wants("line") || stress.crossesABadLine();
      isRight &= !options.wants("crowd") || stress.keepsItsRateInACrowd();
      return (!options.wants("abuse") || NetAbuse.isBorne()) && isRight;
    }
  }

  private boolean crossesABadLine() throws IOException {
    List<String> rows = List.of("tcp-send:1024", "tcp-receive:1024");
    List<Double> seconds = seconds(rows, BAD_LINE);
    for (int i = 0; i < seconds.size(); i++) {
      print("line: %s MiB whole, in %.1f s", rows.get(i), seconds.get(i));
    }
    return seconds.size() == rows.size();
  }

  private boolean keepsItsRateInACrowd() throws IOException {
    // The first ones are for the compilers.
    List<String> alone = List.of("tcp-send", "tcp-receive", "requests");
    List<String> rows = new ArrayList<>(alone);
    rows.addAll(alone);
    rows.add("crowd");
    rows.addAll(alone);
    List<Double> seconds = seconds(rows, "nat,loopback");
    if (seconds.size() < rows.size()) {
      return false;
    }
    boolean isKept = true;
    int count = alone.size();
    for (int i = 0; i < count; i++) {
      double kept = seconds.get(count + i) / seconds.get(2 * count + 1 + i);
      print("crowd: %s keeps %.0f %% of its rate", alone.get(i), 100 * kept);
      isKept &= kept >= KEPT_PART;
    }
    return isKept;
  }

  /** Seconds of the best round of each row, as far as the guest came. */
  private List<Double> seconds(List<String> rows, String network) throws IOException {
    List<String> command = new ArrayList<>(maloca.command(guest.boot(peer.port(), rows)));
    command.addAll(List.of("--net", network));
    GuestRun run = GuestRun.of(command, PATIENCE);
    if (run.problem() != null) {
      print("%s", run.problem());
    }
    return run.rows().stream().map(row -> row.measurement().leastSeconds()).toList();
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
