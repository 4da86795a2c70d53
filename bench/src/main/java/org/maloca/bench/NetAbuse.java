package org.maloca.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Executors;
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
 * What a machine's flows keep of their rate beside another machine that floods the network. Windows
 * with and without the flood alternate, since hosts have other things to do.
 */
final class NetAbuse {
  private static final double KEPT_PART = 0.8;
  private static final int PAIRS = 5;
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final NetPathWork.Kind[] WORKS = {
    NetPathWork.Kind.TCP_SEND, NetPathWork.Kind.UDP_RECEIVE
  };

  private NetAbuse() {}

  /** Measures all kinds and prints; whether enough was kept and nothing of the host's was open. */
  static boolean isBorne() throws IOException {
    boolean isBorne = true;
    try (NetBenchPeer peer = new NetBenchPeer();
        ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (NetAbuser.Kind kind : NetAbuser.Kind.values()) {
        for (NetPathWork.Kind work : WORKS) {
          isBorne &= measure(kind, work, peer.port(), silent.getLocalPort());
        }
      }
    }
    return isBorne;
  }

  private static boolean measure(
      NetAbuser.Kind kind, NetPathWork.Kind workKind, int peerPort, int silentPort)
      throws IOException {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor();
        UserNetwork network = new UserNetwork("abuse", config)) {
      LocalNames names = new LocalNames();
      DnsServer dns =
          new DnsServer(
              names,
              DnsUpstream.NONE,
              (port, name, isAlias, address, seconds) -> {},
              (port, name) -> true,
              executor);
      network.onUdp(DnsServer.PORT, new DnsService(dns));
      NetPathWork work = new NetPathWork(network.addPort(), workKind, peerPort);
      SwitchPort other = network.addPort();
      work.run(WARM_UP_NANOS);
      double[] kept = new double[PAIRS];
      long opened = 0;
      long cpuNanos = 0;
      long sent = 0;
      for (int i = 0; i < PAIRS; i++) {
        long alone = frames(work);
        long beside;
        try (NetAbuser abuser = new NetAbuser(other, kind, silentPort, peerPort)) {
          beside = frames(work);
          cpuNanos += abuser.cpuNanos();
          sent += abuser.frames();
          opened += kind == NetAbuser.Kind.HOSTS_OWN ? abuser.opened() : 0;
        }
        kept[i] = (double) beside / Math.max(alone, 1);
      }
      Arrays.sort(kept);
      double median = kept[PAIRS / 2];
      System.out.println(
          String.format(
              Locale.ROOT,
              "abuse: %s beside %s keeps %.0f %% of its rate; %d frames of %.1f us, %d flows,"
                  + " %d KiB held, %d let in",
              workKind.title(),
              kind.title(),
              100 * median,
              sent,
              cpuNanos / 1e3 / Math.max(1, sent),
              network.flows(other).size(),
              network.bufferedBytes() >> 10,
              opened));
      return median >= KEPT_PART && opened == 0;
    }
  }

  private static long frames(NetPathWork work) {
    long before = work.frames();
    work.run(WINDOW_NANOS);
    return work.frames() - before;
  }
}
