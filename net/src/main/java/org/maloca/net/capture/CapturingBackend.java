package org.maloca.net.capture;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A backend whose traffic can be captured, starting and ending while the machine runs. */
public final class CapturingBackend implements NetBackend {
  private final NetBackend behind;
  private volatile @Nullable PacketCapture capture;

  /** Wraps a backend, which is closed with this one. */
  public CapturingBackend(NetBackend behind) {
    this.behind = behind;
  }

  /** Has all traffic added to a capture from now on, or to none; the former one stays open. */
  public void captureTo(@Nullable PacketCapture to) {
    capture = to;
  }

  @Override
  public void connect(Port port) {
    behind.connect(
        new Port() {
          @Override
          public boolean receive(NetFrame frame) {
            boolean isTaken = port.receive(frame);
            // One that was refused comes again.
            PacketCapture to = capture;
            if (isTaken && to != null) {
              frame.bytes().position(0);
              to.add(frame, false);
            }
            return isTaken;
          }

          @Override
          public int features() {
            return port.features();
          }

          @Override
          public byte[] macAddress() {
            return port.macAddress();
          }
        });
  }

  @Override
  public void transmit(NetFrame frame) {
    PacketCapture to = capture;
    if (to != null) {
      to.add(frame, true);
    }
    behind.transmit(frame);
  }

  @Override
  public void roomAvailable() {
    behind.roomAvailable();
  }

  @Override
  public void pause() {
    behind.pause();
  }

  @Override
  public void resume() {
    behind.resume();
  }

  @Override
  public void close() {
    behind.close();
    PacketCapture to = capture;
    if (to != null) {
      to.close();
    }
  }
}
