package org.maloca.cli.cloud;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What people are told of how cloud-init went: once, whoever finds it out first, and once more if
 * it turns out to be worse. Thread-safe.
 */
public final class CloudInitVerdict {
  private final Consumer<String> listener;
  private @Nullable CloudInitFinding told;

  public CloudInitVerdict(Consumer<String> listener) {
    this.listener = listener;
  }

  void accept(CloudInitFinding finding) {
    synchronized (this) {
      if (!isNews(finding)) {
        return;
      }
      told = finding;
    }
    listener.accept(finding.words());
  }

  /** Whether people would be told of it. */
  synchronized boolean isNews(CloudInitFinding finding) {
    return told == null || told.isGood() && !finding.isGood();
  }

  /** Whether it is known how it went. */
  public synchronized boolean isOver() {
    return told != null;
  }
}
