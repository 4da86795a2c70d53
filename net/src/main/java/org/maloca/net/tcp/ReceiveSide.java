package org.maloca.net.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A connection's way from the guest to the host (RFC 9293, section 3.10.7.4): puts segments in
 * order, and offers a window that follows what the host's socket takes. What is in order goes to
 * the socket straight from the guest's frame; only what the socket does not take, and what came
 * early, is copied into the queue.
 */
final class ReceiveSide {
  /** What the guest may send ahead of the host. */
  static final int BUFFER_BYTES = 512 * 1024;

  /** Shift of the windows that we offer, when the guest scales too (RFC 7323). */
  static final int WINDOW_SCALE = 4;

  /** Windows in a SYN are never scaled. */
  static final int MAX_SYN_WINDOW = 65535;

  final ByteQueue queue;
  final SequenceRanges early = new SequenceRanges();
  int scale;
  int next;
  int edge;
  boolean isFinished;
  private int unacknowledgedBytes;

  ReceiveSide(BlockPool pool) {
    queue = new ByteQueue(pool);
  }

  void start(int initialSequence, boolean isScaled) {
    scale = isScaled ? WINDOW_SCALE : 0;
    next = initialSequence + 1;
    edge = next;
  }

  /** Whether a segment has anything inside the window. */
  boolean isAcceptable(int sequence, int bytes) {
    return bytes == 0
        ? sequence - next >= 0 && sequence - edge <= 0
        : sequence + bytes - next > 0 && sequence - edge < 0;
  }

  /**
   * Takes a segment's data.
   *
   * @return whether the guest should hear of it at once
   */
  boolean take(TcpSegment segment, ByteBuffer frame, WritableByteChannel host) throws IOException {
    int sequence = segment.sequence;
    int from = segment.dataStart;
    int bytes = segment.dataBytes;
    boolean hasFin = segment.has(TcpSegment.FIN);
    boolean isOdd = false;
    int seen = next - sequence;
    if (seen > 0) {
      isOdd = true;
      int skipped = Math.min(seen, bytes);
      sequence += skipped;
      from += skipped;
      bytes -= skipped;
      // A FIN that was seen lies before what is expected.
      hasFin &= sequence == next;
    }
    int beyond = sequence + bytes - edge;
    if (beyond > 0) {
      bytes = Math.max(0, bytes - beyond);
      hasFin = false;
      isOdd = true;
    }
    if (isFinished) {
      return true;
    }
    if (sequence != next) {
      keepEarly(sequence, frame, from, bytes);
      return true;
    }
    boolean fillsGap = early.count() > 0;
    int taken = takeInOrder(frame, from, bytes, host);
    unacknowledgedBytes += taken;
    if (hasFin && taken == bytes) {
      next++;
      isFinished = true;
    }
    return isOdd || isFinished || fillsGap || taken < bytes;
  }

  private int takeInOrder(ByteBuffer frame, int from, int bytes, WritableByteChannel host)
      throws IOException {
    int taken = 0;
    if (queue.size() == 0 && early.count() == 0 && bytes > 0) {
      int limit = frame.limit();
      frame.limit(from + bytes).position(from);
      try {
        taken = host.write(frame);
      } finally {
        frame.limit(limit).position(0);
      }
    }
    if (taken < bytes) {
      int kept = queue.put(queue.size(), frame, from + taken, bytes - taken);
      queue.extend(kept);
      taken += kept;
    }
    next += taken;
    if (early.count() > 0 && early.from(0) - next <= 0) {
      int gained = early.to(0) - next;
      if (gained > 0) {
        queue.extend(gained);
        next += gained;
      }
      early.removeBefore(next);
    }
    return taken;
  }

  private void keepEarly(int sequence, ByteBuffer frame, int from, int bytes) {
    if (bytes <= 0) {
      return;
    }
    int kept = queue.put(queue.size() + (sequence - next), frame, from, bytes);
    if (kept > 0) {
      // Without room for one more range it counts as lost.
      early.add(sequence, sequence + kept);
    } else if (queue.size() == 0 && early.count() == 0) {
      queue.release();
    }
  }

  /** Gives the host what waits for it; whether all is gone. */
  boolean flush(WritableByteChannel host) throws IOException {
    queue.writeTo(host);
    if (queue.size() == 0 && early.count() == 0) {
      queue.release();
    }
    return queue.size() == 0;
  }

  /** Whether so much came unacknowledged that no more is to be waited for. */
  boolean isAcknowledgementDue(int mss) {
    return unacknowledgedBytes >= 2 * mss;
  }

  boolean hasUnacknowledged() {
    return unacknowledgedBytes > 0;
  }

  /** Whether the window has become so much wider that the guest should know. */
  boolean isUpdateDue(int mss) {
    int offered = edge - next;
    int wider = freeBytes() - offered;
    return !isFinished && wider >= Math.max(2 * mss, offered);
  }

  private int freeBytes() {
    int free = BUFFER_BYTES - queue.size();
    return scale == 0 ? Math.min(free, MAX_SYN_WINDOW) : free;
  }

  /** The window field of a segment that is sent now; the guest may rely on it from then on. */
  int offerWindow() {
    unacknowledgedBytes = 0;
    int offered = edge - next;
    int window = Math.max(Math.max(freeBytes(), 0) >> scale << scale, offered);
    // What was offered is never taken back (RFC 9293, section 3.8.6), so round up if need be.
    int field = Math.min(window + (1 << scale) - 1 >> scale, MAX_SYN_WINDOW);
    edge = SequenceRanges.max(edge, next + (field << scale));
    return field;
  }
}
