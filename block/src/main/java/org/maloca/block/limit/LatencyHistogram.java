package org.maloca.block.limit;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often something took how long. Buckets grow with what they hold: four to each power of two of
 * nanoseconds, so that a value is known to within a quarter. Safe for several threads; recording
 * neither locks nor allocates.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 2;
  private static final int SUBS = 1 << SUB_BITS;
  private static final int BUCKETS = (Long.SIZE - SUB_BITS) * SUBS;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  void record(long nanos) {
    counts.getAndIncrement(bucket(Math.max(0, nanos)));
  }

  private static int bucket(long nanos) {
    if (nanos < SUBS) {
      return (int) nanos;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - SUB_BITS;
    return ((shift + 1) << SUB_BITS) + (int) (nanos >>> shift & SUBS - 1);
  }

  /** The largest value that falls into a bucket. */
  private static long upperNanos(int bucket) {
    if (bucket < SUBS) {
      return bucket;
    }
    int shift = (bucket >> SUB_BITS) - 1;
    return (SUBS + (bucket & SUBS - 1) + 1L << shift) - 1;
  }

  public long count() {
    long sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  /**
   * The time within which a part of all was done, rounded up to its bucket's end, in nanoseconds; 0
   * when nothing was recorded.
   *
   * @param part from 0 to 1, as 0.99
   */
  public long quantileNanos(double part) {
    long wanted = (long) Math.ceil(part * count());
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += counts.get(i);
      if (seen >= wanted && seen > 0) {
        return upperNanos(i);
      }
    }
    return 0;
  }

  /** Tells every bucket that is not empty, from the quickest on. */
  public void forEach(Visitor visitor) {
    for (int i = 0; i < BUCKETS; i++) {
      long count = counts.get(i);
      if (count > 0) {
        visitor.bucket(upperNanos(i), count);
      }
    }
  }

  /** Takes a bucket. */
  public interface Visitor {
    /** So many took at most {@code upToNanos}, and more than the bucket before. */
    void bucket(long upToNanos, long count);
  }
}
