package org.maloca.devices.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.maloca.core.backend.DiskThrottle;

/** A limit that lets requests of a direction through at once, or never in the time of a test. */
public final class Turnstile implements DiskThrottle {
  private static final long NEVER_NANOS = TimeUnit.DAYS.toNanos(1000);

  /** What was admitted, in order. */
  public record Admitted(boolean isWrite, long requests, long bytes) {}

  private final List<Admitted> admitted = new ArrayList<>();
  private final boolean stopsReads;
  private final boolean stopsWrites;

  /** One that nothing passes. */
  public static Turnstile ofAll() {
    return new Turnstile(true, true);
  }

  /** One that only reads pass. */
  public static Turnstile ofWrites() {
    return new Turnstile(false, true);
  }

  /** One that everything passes, and that counts. */
  public static Turnstile open() {
    return new Turnstile(false, false);
  }

  private Turnstile(boolean stopsReads, boolean stopsWrites) {
    this.stopsReads = stopsReads;
    this.stopsWrites = stopsWrites;
  }

  @Override
  public synchronized long admit(boolean isWrite, long requests, long bytes, long nowNanos) {
    admitted.add(new Admitted(isWrite, requests, bytes));
    notifyAll();
    return (isWrite ? stopsWrites : stopsReads) ? NEVER_NANOS : 0;
  }

  /** Waits until so many were admitted, and tells of them. */
  public synchronized List<Admitted> await(int count) throws InterruptedException {
    while (admitted.size() < count) {
      wait();
    }
    return List.copyOf(admitted);
  }

  /** What was admitted so far. */
  public synchronized List<Admitted> admitted() {
    return List.copyOf(admitted);
  }
}
