package org.maloca.core.backend;

/**
 * The rates that requests to the host are kept to by who makes them: a request is admitted first,
 * and waits as long as it is told, wherever its maker keeps it meanwhile. Safe for several threads,
 * without locks and allocations.
 */
public interface DiskThrottle {
  /**
   * Admits a request, be it that it has to wait: from now on it is paid for.
   *
   * @param requests as how many it counts
   * @param nowNanos by {@link System#nanoTime}
   * @return how many nanoseconds it must wait, 0 for none
   */
  long admit(boolean isWrite, long requests, long bytes, long nowNanos);
}
