package org.maloca.cli.cloud;

import java.time.Duration;

/** Hears how far a download is. */
@FunctionalInterface
public interface DownloadProgress {
  /** That much is here; the total is -1 if the server did not tell. */
  void at(long doneBytes, long totalBytes);

  /**
   * It waits before it asks again.
   *
   * @param reason what went wrong, for people
   */
  default void waits(String reason, Duration time) {}
}
