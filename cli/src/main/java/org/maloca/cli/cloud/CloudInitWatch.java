package org.maloca.cli.cloud;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Listens to a serial console for what cloud-init says of itself there: that it has finished, and
 * what failed before. Keeps no more than a line. Not thread-safe.
 */
public final class CloudInitWatch {
  /** How it went. */
  public enum Outcome {
    UNKNOWN,
    FINISHED,
    FAILED
  }

  private static final int MAX_LINE = 512;

  private final byte[] line = new byte[MAX_LINE];
  private final Consumer<Outcome> listener;
  private int length;
  private Outcome outcome = Outcome.UNKNOWN;

  /** Tells the listener once how it went, when that is known. */
  public CloudInitWatch(Consumer<Outcome> listener) {
    this.listener = listener;
  }

  /** Takes what the guest wrote. */
  public void accept(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      if (bytes[i] == '\n') {
        judge(new String(line, 0, length, StandardCharsets.ISO_8859_1));
        length = 0;
      } else if (length < MAX_LINE) {
        line[length++] = bytes[i];
      }
    }
  }

  private void judge(String text) {
    if (outcome != Outcome.UNKNOWN) {
      return;
    }
    if (text.contains("Cloud-init v. ") && text.contains(" finished at ")) {
      outcome = text.contains("DataSourceNone") ? Outcome.FAILED : Outcome.FINISHED;
    } else if (text.contains("Failed to start") && text.contains("cloud-")) {
      outcome = Outcome.FAILED;
    } else {
      return;
    }
    listener.accept(outcome);
  }

  public Outcome outcome() {
    return outcome;
  }
}
