package org.maloca.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.maloca.cli.cloud.DownloadProgress;

/** Shows a download: on a terminal in a line that changes, else a line for every tenth. */
final class ProgressLine implements DownloadProgress {
  private static final double MIB = 1 << 20;

  private final PrintStream out;
  private final boolean isTerminal;
  private long shown = -1;

  ProgressLine(PrintStream out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  @Override
  public void at(long doneBytes, long totalBytes) {
    // A step is a percent, a tenth, or without a total 16 MiB.
    long steps = isTerminal ? 100 : 10;
    long step = totalBytes > 0 ? doneBytes * steps / totalBytes : doneBytes >> 24;
    if (step == shown) {
      return;
    }
    shown = step;
    String text =
        totalBytes > 0
            ? String.format(Locale.ROOT, "%.1f of %.1f MiB", doneBytes / MIB, totalBytes / MIB)
            : String.format(Locale.ROOT, "%.1f MiB", doneBytes / MIB);
    if (isTerminal) {
      out.print("\r" + text + "   ");
      out.flush();
    } else {
      out.println(text);
    }
  }

  @Override
  public void waits(String reason, Duration time) {
    end();
    // What stood on the line is behind us.
    shown = -1;
    out.println("maloca: %s; trying again in %d s".formatted(reason, time.toSeconds()));
  }

  void end() {
    if (isTerminal && shown >= 0) {
      out.println();
    }
  }
}
