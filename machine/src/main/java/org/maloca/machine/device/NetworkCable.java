package org.maloca.machine.device;

import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A cable to a network that others may be on as well: pulled out, the card leaves it. */
final class NetworkCable implements NetBackend {
  private final NetBackend end;
  private final Runnable beforeLeaving;
  private final Runnable leave;

  NetworkCable(NetBackend end, Runnable beforeLeaving, Runnable leave) {
    this.end = end;
    this.beforeLeaving = beforeLeaving;
    this.leave = leave;
  }

  @Override
  public void connect(Port port) {
    end.connect(port);
  }

  @Override
  public void transmit(NetFrame frame) {
    end.transmit(frame);
  }

  @Override
  public void roomAvailable() {
    end.roomAvailable();
  }

  @Override
  public void pause() {
    end.pause();
  }

  @Override
  public void resume() {
    end.resume();
  }

  @Override
  public void close() {
    beforeLeaving.run();
    end.close();
    leave.run();
  }
}
