package org.maloca.cli.disk;

import java.io.PrintStream;
import java.util.Locale;
import org.maloca.block.copy.DiskCopy;

/** How far a command is, on one line of a terminal that is written anew. */
final class ProgressLine implements DiskCopy.Progress, AutoCloseable {
  private static final long MIN_INTERVAL_NANOS = 100_000_000;

  private final PrintStream out;
  private final long totalBytes;
  private final boolean isShown;
  private long lastNanos;
  private boolean hasShown;

  ProgressLine(PrintStream out, long totalBytes, boolean isShown) {
    this.out = out;
    this.totalBytes = totalBytes;
    this.isShown = isShown;
    lastNanos = System.nanoTime();
  }

  @Override
  public synchronized void done(long bytes) {
    if (isShown && System.nanoTime() - lastNanos >= MIN_INTERVAL_NANOS) {
      show(bytes);
    }
  }

  private void show(long bytes) {
    lastNanos = System.nanoTime();
    hasShown = true;
    double percent = totalBytes == 0 ? 100 : 100.0 * bytes / totalBytes;
    out.print(String.format(Locale.ROOT, "\r    (%.2f/100%%)", percent));
    out.flush();
  }

  /** Leaves the line: at the end, whichever. */
  @Override
  public synchronized void close() {
    if (hasShown) {
      out.println();
    }
  }

  synchronized void complete() {
    if (hasShown) {
      show(totalBytes);
    }
  }
}
