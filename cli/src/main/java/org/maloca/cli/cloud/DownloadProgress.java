package org.maloca.cli.cloud;

/** Hears how far a download is. */
@FunctionalInterface
public interface DownloadProgress {
  /** That much is here; the total is -1 if the server did not tell. */
  void at(long doneBytes, long totalBytes);
}
