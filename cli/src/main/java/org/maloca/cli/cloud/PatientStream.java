package org.maloca.cli.cloud;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a server sends, read with bounded patience: the JDK's HTTP client waits for a body without
 * end, also for one whose connection is gone without a word. For streams that may be closed while
 * somebody reads. One thread reads.
 */
final class PatientStream extends FilterInputStream {
  private final Duration patience;
  private volatile boolean isOver;

  /**
   * @param patience how long the other side may send nothing
   */
  PatientStream(InputStream stream, Duration patience) {
    super(stream);
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    var _ =
        answer
            .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((nothing, late) -> {
              if (late != null) {
                giveUp();
              }
            });
    try {
      return in.read(bytes, offset, length);
    } catch (IOException failure) {
      if (isOver) {
        throw new IOException("nothing came for " + patience.toSeconds() + " s", failure);
      }
      throw failure;
    } finally {
      answer.complete(null);
    }
  }

  private void giveUp() {
    isOver = true;
    try {
      in.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
