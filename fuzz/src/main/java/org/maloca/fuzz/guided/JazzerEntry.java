package org.maloca.fuzz.guided;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * What Jazzer starts and calls, by the names that it looks for. Its first argument names the
 * target. Beside exceptions, processor time over {@link #MAX_CPU_NANOS} for an input and growth of
 * the process are findings; Jazzer itself adds inputs that do not come to an end, and a full heap.
 */
public final class JazzerEntry {
  private static final long MAX_CPU_NANOS = 5_000_000_000L;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final HostUse USE = new HostUse();
  private static final LoggedFaults FAULTS = LoggedFaults.listen();
  private static @Nullable FuzzTarget target;

  private JazzerEntry() {}

  /** Makes the target. */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    target = Targets.open(arguments[0]);
  }

  /** Takes an input. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    FuzzTarget taker = target;
    if (taker == null) {
      throw new IllegalStateException("no target");
    }
    long start = THREADS.getCurrentThreadCpuTime();
    long ignored = taker.run(bytes);
    long nanos = THREADS.getCurrentThreadCpuTime() - start;
    FAULTS.rethrow();
    if (nanos > MAX_CPU_NANOS) {
      throw new IllegalStateException("took %d ms of CPU".formatted(nanos / 1_000_000));
    }
    USE.check();
  }

  /** Lets go of the target. */
  public static void fuzzerTearDown() throws IOException {
    FuzzTarget last = target;
    if (last != null) {
      last.close();
    }
  }
}
