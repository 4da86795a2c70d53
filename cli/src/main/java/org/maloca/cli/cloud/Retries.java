package org.maloca.cli.cloud;

import java.io.IOException;
import java.time.Duration;

/**
 * Asks a server again after what may pass: a connection that broke, a server that is busy. Between
 * attempts it waits, each time twice as long, or as long as the server says.
 */
final class Retries {
  /** Does the waiting. */
  @FunctionalInterface
  interface Pause {
    void await(Duration time) throws InterruptedException;
  }

  /** One attempt. */
  @FunctionalInterface
  interface Attempt<T> {
    T make() throws IOException, InterruptedException;
  }

  private static final int ATTEMPTS = 5;

  /** A server that wants more is one to come back to another time. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final Duration first;
  private final Pause pause;

  /**
   * @param first how long to wait after the first failure
   */
  Retries(Duration first, Pause pause) {
    this.first = first;
    this.pause = pause;
  }

  /** With waits of 1, 2, 4 and 8 seconds. */
  static Retries usual() {
    return new Retries(Duration.ofSeconds(1), Thread::sleep);
  }

  /**
   * Attempts until one succeeds, or the last one failed in a row that brought nothing.
   *
   * @param brought how much has come so far: as long as something does, patience costs nothing
   * @param progress hears of the waits
   */
  <T> T run(Attempt<T> attempt, Brought brought, DownloadProgress progress)
      throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      long before = brought.bytes();
      try {
        return attempt.make();
      } catch (DownloadRefusal refusal) {
        throw refusal;
      } catch (IOException passing) {
        failures = brought.bytes() > before ? 1 : failures + 1;
        if (failures >= ATTEMPTS) {
          throw passing;
        }
        Duration time = time(passing, failures);
        progress.waits(reason(passing), time);
        pause.await(time);
      }
    }
  }

  /** How much of a file is there. */
  @FunctionalInterface
  interface Brought {
    long bytes() throws IOException;
  }

  private Duration time(IOException passing, int failures) throws DownloadRefusal {
    Duration usual = first.multipliedBy(1L << (failures - 1));
    Duration wanted = passing instanceof ServerBusy busy ? busy.wanted().orElse(usual) : usual;
    if (wanted.compareTo(LONGEST) > 0) {
      throw new DownloadRefusal(
          "%s, and wants to be asked again in %s only".formatted(reason(passing), words(wanted)),
          passing);
    }
    return wanted;
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  private static String words(Duration time) {
    return time.compareTo(Duration.ofHours(2)) > 0
        ? time.toHours() + " hours"
        : time.toMinutes() + " minutes";
  }
}
