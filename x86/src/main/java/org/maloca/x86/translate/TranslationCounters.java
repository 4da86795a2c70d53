package org.maloca.x86.translate;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a translator counts: requests come from the vCPUs' threads, the rest is written by its own
 * thread and read by any, a little late perhaps.
 */
public final class TranslationCounters {
  /** What became of a compilation by HotSpot that was asked for. */
  public enum Outcome {
    DONE,
    /** The region's code was gone before. */
    OBSOLETE,
    /** The JVM would not, or cannot be asked. */
    REFUSED
  }

  /** Of the regions of one kind, which are those for one of HotSpot's compilers. */
  public static final class OfKind {
    /** Regions translated. */
    public long made;

    /** Their guest instructions. */
    public long guestInsns;

    /** Their bytecode, in bytes. */
    public long codeBytes;

    /** Times that one got too long for HotSpot and was made anew with less in it. */
    public long shortened;

    /** Time to plan regions and emit class files. */
    public long emitNanos;

    /** Time to define classes, which includes their verification, and to link them. */
    public long defineNanos;

    /** From asking HotSpot to compile a region until it had, as it was noticed. */
    public long waitNanos;

    public long longestWaitNanos;
    private final long[] outcomes = new long[Outcome.values().length];

    /** Compilations that ended so. */
    public long outcomes(Outcome outcome) {
      return outcomes[outcome.ordinal()];
    }

    void compiled(Outcome outcome, long nanos) {
      outcomes[outcome.ordinal()]++;
      if (outcome == Outcome.DONE) {
        waitNanos += nanos;
        longestWaitNanos = Math.max(longestWaitNanos, nanos);
      }
    }
  }

  private final OfKind quick = new OfKind();
  private final OfKind best = new OfKind();
  private final LongAdder requests = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder shapeNanos = new LongAdder();
  private final LongAccumulator longestQueue = new LongAccumulator(Math::max, 0);

  /** Requests that had cooled down or were served otherwise when their turn came. */
  public long unwanted;

  TranslationCounters() {}

  /** Of the small regions or of the large ones. */
  public OfKind ofKind(boolean isBest) {
    return isBest ? best : quick;
  }

  /** A region was asked for: on a vCPU's thread. */
  void requested(boolean accepted, int queueLength, long shapingNanos) {
    requests.increment();
    shapeNanos.add(shapingNanos);
    longestQueue.accumulate(queueLength);
    if (!accepted) {
      refused.increment();
    }
  }

  /** Regions asked for. */
  public long requests() {
    return requests.sum();
  }

  /** Of those, the ones that found the queue full. */
  public long refused() {
    return refused.sum();
  }

  /** Time to gather blocks for regions, on the vCPUs' threads. */
  public long shapeNanos() {
    return shapeNanos.sum();
  }

  /** The longest that the queue ever was. */
  public long longestQueue() {
    return longestQueue.get();
  }
}
