package org.maloca.net.limit;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.ForwardingNetBackend;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.time.VirtualClock;
import org.maloca.net.frame.FrameSegmenter;

/**
 * A card's limits in front of another backend. What the guest would send too fast waits in its own
 * queues, as in front of a slow line, so that its programs are made to wait and nothing is lost.
 * What comes for the guest too fast is refused like for want of buffers, so that the backend behind
 * makes its peer wait.
 *
 * <p>Either way steady traffic allocates nothing.
 */
public final class LimitedBackend extends ForwardingNetBackend {
  private final VirtualClock clock;
  private final VirtualClock.Timer outTimer;
  private final VirtualClock.Timer inTimer;
  private final Object outLock = new Object();
  private final Object inLock = new Object();
  private Throttle out;
  private Throttle in;
  private long refused;
  private volatile @Nullable Port card;

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
    outTimer = clock.newTimer(this::tellReady);
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
    tellReady();
    super.roomAvailable();
  }

  private void tellReady() {
    Port guest = card;
    if (guest != null) {
      guest.transmitReady();
    }
  }

  /** How many frames for the guest had to wait. */
  public long refused() {
    synchronized (inLock) {
      return refused;
    }
  }

  @Override
  public void connect(Port port) {
    card = port;
    super.connect(new LimitedPort(port));
  }

  @Override
  public boolean mayTransmit() {
    synchronized (outLock) {
      long now = clock.nanos();
      long wait = out.nanosUntilReady(now);
      if (wait > 0) {
        outTimer.arm(now + wait);
        return false;
      }
    }
    return super.mayTransmit();
  }

  /** Takes also what the guest was not asked to hold back; what follows waits the longer. */
  @Override
  public void transmit(NetFrame frame) {
    synchronized (outLock) {
      out.take(wireBytes(frame), FrameSegmenter.count(frame), clock.nanos());
    }
    super.transmit(frame);
  }

  private static int wireBytes(NetFrame frame) {
    return frame.bytes().limit();
  }

  @Override
  public void close() {
    outTimer.cancel();
    inTimer.cancel();
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
