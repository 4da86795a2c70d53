package org.maloca.fuzz.guided;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Watches what the process takes of the host: memory, threads and file descriptors may not grow
 * without bound, however many inputs it takes. The heap is of a fixed size and full from the start,
 * so that what resident memory grows by is something else. Looks at nothing where there is no
 * {@code /proc}.
 */
final class HostUse {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final long WARM_UP_NANOS = 30_000_000_000L;
  private static final long INTERVAL_NANOS = 5_000_000_000L;
  private static final long MAX_GROWTH_KIB = 256 << 10;
  private static final int MAX_MORE_THREADS = 64;
  private static final int MAX_MORE_DESCRIPTORS = 64;

  private record Use(long residentKib, long threads, long descriptors) {}

  private final long startedNanos = System.nanoTime();
  private long nextNanos = startedNanos + WARM_UP_NANOS;
  private Use first = new Use(-1, -1, -1);

  /** Looks, now and then, and throws if there is too much. */
  void check() throws IOException {
    long now = System.nanoTime();
    if (now < nextNanos || !Files.exists(STATUS)) {
      return;
    }
    nextNanos = now + INTERVAL_NANOS;
    Use use = look();
    if (first.threads < 0) {
      first = use;
    }
    if (use.residentKib > first.residentKib + MAX_GROWTH_KIB
        || use.threads > first.threads + MAX_MORE_THREADS
        || use.descriptors > first.descriptors + MAX_MORE_DESCRIPTORS) {
      throw new IllegalStateException("the process grows: first " + first + ", now " + use);
    }
  }

  private static Use look() throws IOException {
    long residentKib = 0;
    long threads = 0;
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        residentKib = number(line);
      } else if (line.startsWith("Threads:")) {
        threads = number(line);
      }
    }
    try (Stream<Path> names = Files.list(DESCRIPTORS)) {
      return new Use(residentKib, threads, names.count());
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("\\D+", ""));
  }
}
