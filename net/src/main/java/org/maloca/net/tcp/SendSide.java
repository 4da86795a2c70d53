package org.maloca.net.tcp;

/**
 * A connection's way from the host to the guest: what is sent and not acknowledged, and how much
 * may be on its way. The link loses nothing by itself, so the congestion window (RFC 5681) starts
 * wide; but a guest's queues may overflow, so it shrinks on loss. Losses show by selective
 * acknowledgement (RFC 2018, with one pass over the holes for each recovery) or by three duplicates
 * (RFC 6582). No router is between that could be congested, so the window never shrinks so far that
 * one lost frame in a hundred makes the round trip the limit.
 */
final class SendSide {
  static final int MAX_BUFFER_BYTES = ByteQueue.MAX_BLOCKS * BlockPool.BLOCK_BYTES / 2;
  static final int MIN_BUFFER_BYTES = 64 * 1024;

  private static final int INITIAL_WINDOW_BYTES = 128 * 1024;
  private static final int MAX_WINDOW_BYTES = 8 * 1024 * 1024;
  private static final int DUPLICATES = 3;

  final ByteQueue queue;
  final SequenceRanges selective = new SequenceRanges();
  final RetransmissionTimer timer = new RetransmissionTimer();
  int initial;
  int unacknowledged;
  int next;
  int highest;
  int window;
  int scale;
  int mss;

  /** The host will send no more: the FIN follows the queue's last byte. */
  boolean isEnding;

  boolean isEndAcknowledged;
  boolean isRecovering;
  int recoverAt;
  int repairNext;
  private int repairCredit;

  private int windowSequence;
  private int windowAcknowledgement;
  private int congestionWindow;
  private int threshold = MAX_WINDOW_BYTES;
  private int duplicates;
  private boolean isTiming;
  private int timedSequence;
  private long timedNanos;

  SendSide(BlockPool pool) {
    queue = new ByteQueue(pool);
  }

  void start(int initialSequence) {
    initial = initialSequence;
    unacknowledged = initialSequence;
    next = initialSequence + 1;
    highest = next;
    recoverAt = initialSequence;
    congestionWindow = INITIAL_WINDOW_BYTES;
  }

  /** The guest has acknowledged our SYN. */
  void established(TcpSegment segment) {
    unacknowledged = initial + 1;
    next = unacknowledged;
    highest = unacknowledged;
    windowSequence = segment.sequence;
    windowAcknowledgement = segment.acknowledgement;
    window = segment.window << (segment.has(TcpSegment.SYN) ? 0 : scale);
    timer.resetBackoff();
  }

  boolean isOutstanding() {
    return highest != unacknowledged;
  }

  /** How much to read from the host now. */
  int bufferRoom() {
    return Math.clamp(window, MIN_BUFFER_BYTES, MAX_BUFFER_BYTES) - queue.size();
  }

  /** Sequence number behind the last byte that the host gave. */
  int end() {
    return unacknowledged + queue.size();
  }

  /** Bytes that may be sent from {@link #next} on. */
  int usableBytes() {
    int onTheWay = next - unacknowledged;
    return Math.min(window, congestionWindow + selective.bytes()) - onTheWay;
  }

  /**
   * Takes the acknowledgement of a segment, whose number is not above {@link #highest}.
   *
   * @param roundTripNanos what its timestamp says; below 0 if it has none
   */
  void acknowledge(TcpSegment segment, long nowNanos, long roundTripNanos) {
    int ack = segment.acknowledgement;
    int acked = ack - unacknowledged;
    if (acked < 0) {
      return;
    }
    boolean isWindowChanged = updateWindow(segment);
    int selectiveBefore = selective.bytes();
    noteSelective(segment);
    if (acked > 0) {
      advance(ack, acked, nowNanos, roundTripNanos);
    } else if (isOutstanding()
        && segment.dataBytes == 0
        && !segment.has(TcpSegment.FIN)
        && !isWindowChanged) {
      duplicates++;
    }
    int news = Math.max(0, selective.bytes() - selectiveBefore) + acked;
    if (isRecovering) {
      repairCredit = Math.min(repairCredit + news + mss, MAX_WINDOW_BYTES);
    } else if (isOutstanding()
        && (duplicates >= DUPLICATES || selective.bytes() >= DUPLICATES * mss)
        && unacknowledged - recoverAt >= 0) {
      startRecovery();
    }
  }

  private boolean updateWindow(TcpSegment segment) {
    int newer = segment.sequence - windowSequence;
    if (newer < 0 || newer == 0 && segment.acknowledgement - windowAcknowledgement < 0) {
      return false;
    }
    windowSequence = segment.sequence;
    windowAcknowledgement = segment.acknowledgement;
    int before = window;
    window = segment.window << scale;
    return window != before;
  }

  private void noteSelective(TcpSegment segment) {
    for (int i = 0; i < segment.sackBlocks; i++) {
      int from = segment.sackFrom[i];
      int to = segment.sackTo[i];
      boolean isInside =
          from - unacknowledged > 0
              && highest - to >= 0
              && to - from > 0
              && to - unacknowledged > 0;
      if (isInside) {
        // Without room for one more it is as if the guest had not told.
        selective.add(from, to);
      }
    }
  }

  private void advance(int ack, int acked, long nowNanos, long roundTripNanos) {
    boolean isEndIncluded = isEnding && ack - end() > 0;
    queue.consume(isEndIncluded ? acked - 1 : acked);
    queue.releaseIfEmpty();
    isEndAcknowledged |= isEndIncluded;
    unacknowledged = ack;
    next = SequenceRanges.max(next, ack);
    selective.removeBefore(ack);
    duplicates = 0;
    if (isTiming && ack - timedSequence >= 0) {
      isTiming = false;
      timer.measured(nowNanos - timedNanos);
    } else if (!isTiming && roundTripNanos >= 0) {
      // Right for what was sent again too, as no clock of ours would be.
      timer.measured(Math.min(roundTripNanos, RetransmissionTimer.MAX_NANOS));
    }
    timer.resetBackoff();
    if (isRecovering) {
      if (ack - recoverAt >= 0) {
        isRecovering = false;
        congestionWindow = threshold;
      } else if (selective.count() == 0) {
        // Without selective acknowledgements a partial one says what is lost next.
        repairNext = ack;
      }
    } else if (congestionWindow < threshold) {
      congestionWindow = Math.min(congestionWindow + acked, MAX_WINDOW_BYTES);
    } else {
      int step = (int) Math.max(1, (long) mss * acked / congestionWindow);
      congestionWindow = Math.min(congestionWindow + step, MAX_WINDOW_BYTES);
    }
  }

  private void startRecovery() {
    isRecovering = true;
    recoverAt = highest;
    repairNext = unacknowledged;
    repairCredit = Math.max(mss, selective.bytes());
    reduce();
    congestionWindow = threshold;
    isTiming = false;
  }

  private void reduce() {
    threshold = Math.max((highest - unacknowledged) / 2, INITIAL_WINDOW_BYTES);
  }

  /**
   * Bytes of the hole that is to be sent again now, from {@link #repairNext} on, which is moved to
   * its start; 0 if there is none.
   */
  int repairBytes(int limit) {
    if (!isRecovering || repairCredit <= 0) {
      return 0;
    }
    repairNext = SequenceRanges.max(repairNext, unacknowledged);
    int inside = selective.indexOf(repairNext);
    if (inside >= 0) {
      repairNext = selective.to(inside);
    }
    int none = selective.count() == 0 ? unacknowledged + mss : repairNext;
    int end = SequenceRanges.min(selective.nextFrom(repairNext, none), end());
    return Math.max(0, Math.min(Math.min(end - repairNext, limit), Math.max(repairCredit, mss)));
  }

  /** A part of the hole was sent again. */
  void repaired(int bytes) {
    repairNext += bytes;
    repairCredit -= bytes;
  }

  /** Data or the FIN was sent from {@link #next} on. */
  void sent(int sequenceBytes, long nowNanos) {
    next += sequenceBytes;
    if (next - highest > 0) {
      if (!isTiming) {
        isTiming = true;
        timedSequence = next;
        timedNanos = nowNanos;
      }
      highest = next;
    }
  }

  /** The retransmission timeout has passed: all is sent again from the start. */
  void timedOut() {
    timer.backOff();
    reduce();
    congestionWindow = mss;
    selective.clear();
    isRecovering = false;
    recoverAt = highest;
    duplicates = 0;
    isTiming = false;
    next = unacknowledged;
  }

  /** Sends smaller segments from now on, and again what is on its way, which was too large. */
  void shrinkSegments(int mssBytes) {
    mss = mssBytes;
    isTiming = false;
    next = unacknowledged;
  }

  /** Skips what the guest has; only when sending again. */
  void skipSelective() {
    if (highest - next > 0) {
      int inside = selective.indexOf(next);
      if (inside >= 0) {
        next = selective.to(inside);
      }
    }
  }

  /** Where a run of bytes from {@link #next} on has to end. */
  int runEnd() {
    return highest - next > 0 ? SequenceRanges.min(selective.nextFrom(next, end()), end()) : end();
  }
}
