package org.maloca.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;
import org.maloca.net.UserNetwork;
import org.maloca.net.ethernet.SwitchPort;

/**
 * What the user-mode network costs by itself, with a card of ours in the place of a guest: frames a
 * second, and bytes of garbage for each by the JVM's own count of all threads involved.
 */
public final class NetPathBench {
  private static final String THREAD = "path";
  private static final int WARM_UP_SECONDS = 4;
  private static final int SECONDS = 4;

  /** Less than an object in a hundred frames. */
  private static final double MOST_GARBAGE_BYTES = 0.2;

  /** What classes that load and the meter itself leave, however few the frames. */
  private static final long OTHER_GARBAGE_BYTES = 64 * 1024;

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
      work.run(TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS));
      long garbageBefore = garbage();
      long framesBefore = work.frames();
      long start = System.nanoTime();
      work.run(TimeUnit.SECONDS.toNanos(SECONDS));
      double seconds = (System.nanoTime() - start) / 1e9;
      long frames = work.frames() - framesBefore;
      long left = Math.max(0, garbage() - garbageBefore - OTHER_GARBAGE_BYTES);
      double garbageBytes = (double) left / Math.max(frames, 1);
      boolean isClean = garbageBytes <= MOST_GARBAGE_BYTES;
      System.out.println(
          String.format(
              Locale.ROOT,
              "%-20s %,12.0f frames/s %10.3f bytes of garbage a frame%s",
              kind.title(),
              frames / seconds,
              garbageBytes,
              isClean ? "" : "  TOO MUCH"));
      return isClean && frames > 0;
    }
  }

  /** Bytes that this thread, as the card's, and the network's own have allocated so far. */
  private static long garbage() {
    long total = THREADS.getThreadAllocatedBytes(Thread.currentThread().threadId());
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("net-" + THREAD)) {
        total += THREADS.getThreadAllocatedBytes(thread.threadId());
      }
    }
    return total;
  }
}
