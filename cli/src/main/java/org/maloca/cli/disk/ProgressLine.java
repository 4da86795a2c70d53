package org.maloca.cli.disk;

import java.io.PrintStream;
import java.util.Locale;
import org.maloca.block.copy.DiskCopy;

/**
 * How far a command is, on one line of a terminal that is written anew. It is left at the end, also
 * when the user ends the command by Ctrl-C.
 */
final class ProgressLine implements DiskCopy.Progress, AutoCloseable {
  private static final long MIN_INTERVAL_NANOS = 100_000_000;

  private final PrintStream out;
  private final long totalBytes;
  private final boolean isShown;
  private long lastNanos;
  private final Thread interruption = new Thread(this::leave, "maloca-progress-end");
  private boolean hasShown;
  private boolean hasEnded;

  ProgressLine(PrintStream out, long totalBytes, boolean isShown) {
    this.out = out;
    this.totalBytes = totalBytes;
    this.isShown = isShown;
    lastNanos = System.nanoTime();
    if (isShown) {
      Runtime.getRuntime().addShutdownHook(interruption);
    }
  }

  @Override
  public synchronized void done(long bytes) {
    if (isShown && !hasEnded && System.nanoTime() - lastNanos >= MIN_INTERVAL_NANOS) {
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

  @Override
  public void close() {
    leave();
    if (isShown) {
      try {
        boolean ignored = Runtime.getRuntime().removeShutdownHook(interruption);
      } catch (IllegalStateException shuttingDown) {
        // The hook runs, and finds the line left.
      }
    }
  }

  private synchronized void leave() {
    if (hasShown && !hasEnded) {
      out.println();
    }
    hasEnded = true;
  }

  synchronized void complete() {
    if (hasShown) {
      show(totalBytes);
    }
  }
}
