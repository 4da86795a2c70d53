package org.maloca.net.limit;

import java.nio.ByteBuffer;
import org.maloca.core.backend.ForwardingNetBackend;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.core.time.VirtualClock;
import org.maloca.net.frame.FrameQueue;
import org.maloca.net.frame.FrameSegmenter;

/**
 * A card's limits in front of another backend. What the guest sends too fast waits in a bounded
 * queue, and is dropped once that is full, as in front of a slow line. What comes for the guest too
 * fast is refused like for want of buffers, so that the backend behind makes its peer wait.
 *
 * <p>Either way steady traffic allocates nothing.
 */
public final class LimitedBackend extends ForwardingNetBackend {
  private static final int QUEUE_BYTES = 1 << 18;

  /** What a queued frame has in front: fields of {@link NetFrame}. */
  private static final int HEADER_BYTES = 16;

  private static final Segmentation[] KINDS = Segmentation.values();

  private final VirtualClock clock;
  private final VirtualClock.Timer outTimer;
  private final VirtualClock.Timer inTimer;
  private final FrameQueue waiting = new FrameQueue(QUEUE_BYTES);
  private final ByteBuffer record = ByteBuffer.allocateDirect(HEADER_BYTES + NetFrame.MAX_BYTES);
  private final NetFrame released = new NetFrame();
  private final Object outLock = new Object();
  private final Object inLock = new Object();
  private Throttle out;
  private Throttle in;
  private long refused;

  /**
   * Puts limits in front of a backend, which is closed with this one.
   *
   * @param fromGuest limits of what the guest sends
   * @param toGuest limits of what it is sent
   */
  public LimitedBackend(
      NetBackend behind, RateLimit fromGuest, RateLimit toGuest, VirtualClock clock) {
    super(behind);
    this.clock = clock;
    out = new Throttle(fromGuest, clock.nanos());
    in = new Throttle(toGuest, clock.nanos());
    outTimer = clock.newTimer(this::release);
    inTimer = clock.newTimer(behind::roomAvailable);
  }

  /** Sets other limits, also while the machine runs. */
  public void setLimits(RateLimit fromGuest, RateLimit toGuest) {
    synchronized (outLock) {
      out = new Throttle(fromGuest, clock.nanos());
    }
    synchronized (inLock) {
      in = new Throttle(toGuest, clock.nanos());
    }
    release();
    super.roomAvailable();
  }

  /** How many frames of the guest were lost to the limit. */
  public long dropped() {
    return waiting.dropped();
  }

  /** How many frames for the guest had to wait. */
  public long refused() {
    synchronized (inLock) {
      return refused;
    }
  }

  @Override
  public void connect(Port port) {
    super.connect(new LimitedPort(port));
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (outLock) {
      long now = clock.nanos();
      if (waiting.peek() != null || out.nanosUntilReady(now) > 0) {
        enqueue(frame);
        return;
      }
      out.take(wireBytes(frame), FrameSegmenter.count(frame), now);
    }
    super.transmit(frame);
  }

  private static int wireBytes(NetFrame frame) {
    return frame.bytes().limit();
  }

  private void enqueue(NetFrame frame) {
    boolean wasEmpty = waiting.peek() == null;
    record.clear();
    record.putInt(
        (frame.needsChecksum() ? 1 : 0)
            | (frame.isChecksumGood() ? 2 : 0)
            | (frame.hasEcn() ? 4 : 0)
            | frame.segmentation().ordinal() << 8);
    record.putInt(frame.checksumStart()).putInt(frame.checksumOffset());
    record.putInt(frame.segmentBytes());
    record.put(HEADER_BYTES, frame.bytes(), 0, frame.bytes().limit());
    record.position(0).limit(HEADER_BYTES + frame.bytes().limit());
    if (waiting.offer(record) && wasEmpty) {
      arm();
    }
  }

  private void arm() {
    long now = clock.nanos();
    outTimer.arm(now + out.nanosUntilReady(now));
  }

  /** Sends on what the limit allows by now. */
  private void release() {
    synchronized (outLock) {
      for (ByteBuffer next = waiting.peek(); next != null; next = waiting.peek()) {
        long now = clock.nanos();
        if (out.nanosUntilReady(now) > 0) {
          arm();
          return;
        }
        unpack(next);
        waiting.remove();
        out.take(wireBytes(released), FrameSegmenter.count(released), now);
        // Under the lock, since nothing may overtake it.
        super.transmit(released);
      }
    }
  }

  private void unpack(ByteBuffer packed) {
    int start = packed.position();
    int flags = packed.getInt(start);
    released.clear();
    if ((flags & 1) != 0) {
      released.setChecksum(packed.getInt(start + 4), packed.getInt(start + 8));
    }
    released.setChecksumGood((flags & 2) != 0);
    Segmentation kind = KINDS[flags >> 8];
    released.setSegmentation(kind, packed.getInt(start + 12), (flags & 4) != 0);
    int length = packed.remaining() - HEADER_BYTES;
    released.bytes().put(0, packed, start + HEADER_BYTES, length).limit(length);
  }

  @Override
  public void close() {
    outTimer.cancel();
    inTimer.cancel();
    waiting.close();
    super.close();
  }

  /** The card as the backend behind sees it. */
  private final class LimitedPort extends ForwardingPort {
    LimitedPort(Port card) {
      super(card);
    }

    @Override
    public boolean receive(NetFrame frame) {
      synchronized (inLock) {
        long now = clock.nanos();
        long wait = in.nanosUntilReady(now);
        if (wait > 0) {
          refused++;
          inTimer.arm(now + wait);
          return false;
        }
        if (!card().receive(frame)) {
          return false;
        }
        in.take(wireBytes(frame), FrameSegmenter.count(frame), now);
        return true;
      }
    }
  }
}
