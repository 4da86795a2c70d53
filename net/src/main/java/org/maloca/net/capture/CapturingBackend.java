package org.maloca.net.capture;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.ForwardingNetBackend;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A backend whose traffic can be captured, starting and ending while the machine runs. */
public final class CapturingBackend extends ForwardingNetBackend {
  private volatile @Nullable PacketCapture capture;

  /** Wraps a backend, which is closed with this one. */
  public CapturingBackend(NetBackend behind) {
    super(behind);
  }

  /** Has all traffic added to a capture from now on, or to none; the former one stays open. */
  public void captureTo(@Nullable PacketCapture to) {
    capture = to;
  }

  @Override
  public void connect(Port port) {
    super.connect(new CapturingPort(port));
  }

  @Override
  public void transmit(NetFrame frame) {
    PacketCapture to = capture;
    if (to != null) {
      to.add(frame, true);
    }
    super.transmit(frame);
  }

  @Override
  public void close() {
    super.close();
    PacketCapture to = capture;
    if (to != null) {
      to.close();
    }
  }

  /** The card as the backend behind sees it. */
  private final class CapturingPort extends ForwardingPort {
    CapturingPort(Port card) {
      super(card);
    }

    @Override
    public boolean receive(NetFrame frame) {
      boolean isTaken = card().receive(frame);
      // One that was refused comes again.
      PacketCapture to = capture;
      if (isTaken && to != null) {
        frame.bytes().position(0);
        to.add(frame, false);
      }
      return isTaken;
    }
  }
}
