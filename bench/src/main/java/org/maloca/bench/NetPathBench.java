package org.maloca.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.ethernet.SwitchPort;

/**
 * What the user-mode network costs by itself, with a card of ours in the place of a guest: frames a
 * second, and garbage by the JVM's own count of all threads involved, of which there is none once
 * all is compiled.
 */
public final class NetPathBench {
  private static final String THREAD = "path";
  private static final int SECONDS = 4;

  /** The compilers are done once nothing is left; a host with other things to do takes longer. */
  private static final int MAX_WARM_UPS = 8;

  /** What the meter itself leaves, which is less than an object in a thousand frames. */
  private static final long OWN_GARBAGE_BYTES = 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private NetPathBench() {}

  /** Measures and prints; ends with status 1 when frames leave garbage. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> run(options));
  }

  private static boolean run(BenchOptions options) throws IOException {
    System.out.println(Host.describe());
    boolean isClean = true;
    for (NetPathWork.Kind kind : NetPathWork.Kind.values()) {
      if (options.wants(kind.title())) {
        isClean &= measure(kind);
      }
    }
    return isClean;
  }

  private static boolean measure(NetPathWork.Kind kind) throws IOException {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen();
    try (UserNetwork network = new UserNetwork(THREAD, config);
        NetBenchPeer peer = new NetBenchPeer()) {
      SwitchPort port = network.addPort();
      NetPathWork work = new NetPathWork(port, kind, peer.port());
      Window window = measure(work);
      for (int i = 0; i < MAX_WARM_UPS && !window.isClean(); i++) {
        window = measure(work);
      }
      System.out.println(
          String.format(
              Locale.ROOT,
              "%-20s %,12.0f frames/s %,8d bytes of garbage in all%s",
              kind.title(),
              window.frames / window.seconds,
              window.garbageBytes,
              window.isClean() ? "" : "  WRONG"));
      return window.isClean();
    }
  }

  /** What some seconds brought. */
  private record Window(long frames, double seconds, long garbageBytes) {
    boolean isClean() {
      return frames > 0 && garbageBytes <= OWN_GARBAGE_BYTES;
    }
  }

  private static Window measure(NetPathWork work) {
    long[] threads = threads();
    long framesBefore = work.frames();
    long garbageBefore = garbage(threads);
    long start = System.nanoTime();
    work.run(TimeUnit.SECONDS.toNanos(SECONDS));
    double seconds = (System.nanoTime() - start) / 1e9;
    long garbageBytes = garbage(threads) - garbageBefore;
    return new Window(work.frames() - framesBefore, seconds, garbageBytes);
  }

  /** This thread, as the card's, and the network's own. */
  private static long[] threads() {
    return Stream.concat(
            Stream.of(Thread.currentThread()),
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("net-" + THREAD)))
        .mapToLong(Thread::threadId)
        .toArray();
  }

  /** Bytes that threads have allocated so far. */
  private static long garbage(long[] threads) {
    long total = 0;
    for (long thread : threads) {
      total += Math.max(0, THREADS.getThreadAllocatedBytes(thread));
    }
    return total;
  }
}
