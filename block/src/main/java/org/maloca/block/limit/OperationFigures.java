package org.maloca.block.limit;

import java.util.concurrent.atomic.LongAdder;

/**
 * What a disk did of one kind of operation since it was opened. May be read at any time by any
 * thread; the figures of a request that ends meanwhile may be there in part.
 */
public final class OperationFigures {
  private final LongAdder done = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LatencyHistogram latencies = new LatencyHistogram();

  void succeeded(long length, long tookNanos) {
    done.increment();
    bytes.add(length);
    nanos.add(tookNanos);
    latencies.record(tookNanos);
  }

  void failed() {
    failed.increment();
  }

  /** Requests that succeeded. */
  public long count() {
    return done.sum();
  }

  /** Requests that failed. */
  public long failures() {
    return failed.sum();
  }

  /** Bytes of the requests that succeeded. */
  public long bytes() {
    return bytes.sum();
  }

  /** Time that the requests that succeeded took together, in nanoseconds. */
  public long totalNanos() {
    return nanos.sum();
  }

  /** How long each of them took. */
  public LatencyHistogram latencies() {
    return latencies;
  }
}
