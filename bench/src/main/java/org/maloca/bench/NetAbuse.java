package org.maloca.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
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
 * <p>A flood takes processor time, wherever it goes, and hosts have other things to do. So there
 * are two networks, each with a flow, of which one or the other is flooded, in short windows that
 * alternate. What a flow keeps is told in two ways, as a part of what it has while the flood is on
 * the other network, in the geometric mean of both: by its rate, which takes an idle host, and by
 * the processor time of its card's and its network's threads for each frame, of which all that the
 * flood has the network do is part. From the latter comes off what the flooding card's own thread
 * takes at its full speed, during which it may have the network's lock.
 */
final class NetAbuse {
  private static final double KEPT_PART = 0.8;
  private static final int ROUNDS = 21;
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final NetPathWork.Kind[] WORKS = {
    NetPathWork.Kind.TCP_SEND, NetPathWork.Kind.UDP_RECEIVE
  };

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private NetAbuse() {}

  /** What was done in a window. */
  private record Window(long frames, long cpuNanos) {
    double framesPerCpu() {
      return (double) frames / Math.max(1, cpuNanos);
    }
  }

  /** A network with a flow, and who floods it if he is let. */
  private record Side(
      UserNetwork network, SwitchPort port, NetPathWork work, NetAbuser abuser, long loopThread)
      implements AutoCloseable {
    Window run() {
      long before = work.frames();
      long cpuBefore = cpuNanos();
      work.run(WINDOW_NANOS);
      return new Window(work.frames() - before, cpuNanos() - cpuBefore);
    }

    private long cpuNanos() {
      return THREADS.getCurrentThreadCpuTime() + THREADS.getThreadCpuTime(loopThread);
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
            Side one = side("one", kind, work, peer.port(), silent.getLocalPort());
            Side other = side("other", kind, work, otherPeer.port(), silent.getLocalPort())) {
          isBorne &= measure(kind, work, one, other);
        }
      }
    }
    return isBorne;
  }

  private static Side side(
      String name, NetAbuser.Kind kind, NetPathWork.Kind workKind, int peerPort, int silentPort)
      throws IOException {
    UserNetwork network =
        new UserNetwork(name, NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen());
    DnsServer dns =
        new DnsServer(
            new LocalNames(),
            DnsUpstream.NONE,
            (from, question, isAlias, address, seconds) -> {},
            (from, question) -> true,
            Runnable::run);
    network.onUdp(DnsServer.PORT, new DnsService(dns));
    NetPathWork work = new NetPathWork(network.addPort(), workKind, peerPort);
    work.run(WARM_UP_NANOS);
    long loopThread =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("net-" + name))
            .findFirst()
            .orElseThrow()
            .threadId();
    SwitchPort port = network.addPort();
    return new Side(
        network, port, work, new NetAbuser(port, kind, silentPort, peerPort), loopThread);
  }

  private static boolean measure(NetAbuser.Kind kind, NetPathWork.Kind work, Side one, Side other) {
    Window[] alone = new Window[ROUNDS];
    Window[] oneFlooded = new Window[ROUNDS];
    Window[] oneBesides = new Window[ROUNDS];
    Window[] otherFlooded = new Window[ROUNDS];
    Window[] otherBesides = new Window[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      alone[i] = one.run();
      one.abuser().resume();
      oneFlooded[i] = one.run();
      otherBesides[i] = other.run();
      one.abuser().pause();
      other.abuser().resume();
      otherFlooded[i] = other.run();
      oneBesides[i] = one.run();
      other.abuser().pause();
    }
    double byRate =
        mean(
            ratio(oneFlooded, oneBesides, Window::frames),
            ratio(otherFlooded, otherBesides, Window::frames));
    double byCpu =
        mean(
            ratio(oneFlooded, oneBesides, Window::framesPerCpu),
            ratio(otherFlooded, otherBesides, Window::framesPerCpu));
    long frames = one.abuser().frames() + other.abuser().frames();
    boolean isHostsOwn = kind == NetAbuser.Kind.HOSTS_OWN;
    long opened = isHostsOwn ? one.abuser().opened() + other.abuser().opened() : 0;
    double microseconds =
        (one.abuser().cpuNanos() + other.abuser().cpuNanos()) / 1e3 / Math.max(1, frames);
    double kept = byCpu * (1 - microseconds * NetAbuser.PER_MILLISECOND / 1e3);
    System.out.println(
        String.format(
            Locale.ROOT,
            "abuse: %s beside %s keeps %.0f %% by processor time, %.0f %% by rate (%.0f %% of that"
                + " without a flood); %d frames of %.1f us, %d flows, %d KiB held, %d let in",
            work.title(),
            kind.title(),
            100 * kept,
            100 * byRate,
            100 * ratio(oneFlooded, alone, Window::frames),
            frames,
            microseconds,
            one.network().flows(one.port()).size(),
            one.network().bufferedBytes() >> 10,
            opened));
    return Math.max(kept, byRate) >= KEPT_PART && opened == 0;
  }

  private static double mean(double one, double other) {
    return Math.sqrt(one * other);
  }

  private static double ratio(Window[] windows, Window[] others, ToDoubleFunction<Window> measure) {
    return median(windows, measure) / Math.max(median(others, measure), Double.MIN_NORMAL);
  }

  private static double median(Window[] windows, ToDoubleFunction<Window> measure) {
    return Arrays.stream(windows).mapToDouble(measure).sorted().toArray()[windows.length / 2];
  }
}
