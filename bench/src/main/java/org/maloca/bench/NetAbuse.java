package org.maloca.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.dns.DnsServer;
import org.maloca.net.dns.DnsService;
import org.maloca.net.dns.DnsUpstream;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.ethernet.SwitchPort;

/**
 * What a machine's flows keep of their rate beside another machine that floods the network.
 *
 * <p>A flood takes processor time, wherever it goes, and hosts have other things to do. So there are
 * two networks, each with a flow, of which one or the other is flooded, in short windows that
 * alternate: what a flow keeps is its rate on the flooded network as a part of that while the flood
 * is on the other, in the geometric mean of both. Nothing differs but the network that is shared,
 * also on a busy host.
 */
final class NetAbuse {
  private static final double KEPT_PART = 0.8;
  private static final int ROUNDS = 21;
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final NetPathWork.Kind[] WORKS = {
    NetPathWork.Kind.TCP_SEND, NetPathWork.Kind.UDP_RECEIVE
  };

  private NetAbuse() {}

  /** A network with a flow, and who floods it if he is let. */
  private record Side(UserNetwork network, SwitchPort port, NetPathWork work, NetAbuser abuser)
      implements AutoCloseable {
    double frames() {
      long before = work.frames();
      work.run(WINDOW_NANOS);
      return work.frames() - before;
    }

    @Override
    public void close() {
      abuser.close();
      network.close();
    }
  }

  /** Measures all kinds and prints; whether enough was kept and nothing of the host's was open. */
  static boolean isBorne() throws IOException {
    boolean isBorne = true;
    for (NetAbuser.Kind kind : NetAbuser.Kind.values()) {
      for (NetPathWork.Kind work : WORKS) {
        try (NetBenchPeer peer = new NetBenchPeer();
            NetBenchPeer otherPeer = new NetBenchPeer();
            ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Side one = side(kind, work, peer.port(), silent.getLocalPort());
            Side other = side(kind, work, otherPeer.port(), silent.getLocalPort())) {
          isBorne &= measure(kind, work, one, other);
        }
      }
    }
    return isBorne;
  }

  private static Side side(
      NetAbuser.Kind kind, NetPathWork.Kind workKind, int peerPort, int silentPort)
      throws IOException {
    UserNetwork network =
        new UserNetwork("abuse", NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen());
    DnsServer dns =
        new DnsServer(
            new LocalNames(),
            DnsUpstream.NONE,
            (port, name, isAlias, address, seconds) -> {},
            (port, name) -> true,
            Runnable::run);
    network.onUdp(DnsServer.PORT, new DnsService(dns));
    NetPathWork work = new NetPathWork(network.addPort(), workKind, peerPort);
    work.run(WARM_UP_NANOS);
    SwitchPort port = network.addPort();
    return new Side(network, port, work, new NetAbuser(port, kind, silentPort, peerPort));
  }

  private static boolean measure(
      NetAbuser.Kind kind, NetPathWork.Kind work, Side one, Side other) {
    double[] alone = new double[ROUNDS];
    double[] oneFlooded = new double[ROUNDS];
    double[] oneBesides = new double[ROUNDS];
    double[] otherFlooded = new double[ROUNDS];
    double[] otherBesides = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      alone[i] = one.frames();
      one.abuser().resume();
      oneFlooded[i] = one.frames();
      otherBesides[i] = other.frames();
      one.abuser().pause();
      other.abuser().resume();
      otherFlooded[i] = other.frames();
      oneBesides[i] = one.frames();
      other.abuser().pause();
    }
    double kept =
        Math.sqrt(
            median(oneFlooded) / median(oneBesides) * median(otherFlooded) / median(otherBesides));
    long frames = one.abuser().frames() + other.abuser().frames();
    boolean isHostsOwn = kind == NetAbuser.Kind.HOSTS_OWN;
    long opened = isHostsOwn ? one.abuser().opened() + other.abuser().opened() : 0;
    System.out.println(
        String.format(
            Locale.ROOT,
            "abuse: %s beside %s keeps %.0f %% of its rate (%.0f %% of that without a flood);"
                + " %d frames of %.1f us, %d flows, %d KiB held, %d let in",
            work.title(),
            kind.title(),
            100 * kept,
            100 * median(oneFlooded) / median(alone),
            frames,
            (one.abuser().cpuNanos() + other.abuser().cpuNanos()) / 1e3 / Math.max(1, frames),
            one.network().flows(one.port()).size(),
            one.network().bufferedBytes() >> 10,
            opened));
    return kept >= KEPT_PART && opened == 0;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return Math.max(sorted[sorted.length / 2], 1);
  }
}
