package org.maloca.machine.device;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.UserNetwork;
import org.maloca.net.capture.PacketCapture;

/** The cable of a machine that has a network to itself: pulled out, the network ends. */
final class NetworkCable implements NetBackend {
  private final NetBackend end;
  private final UserNetwork network;
  private final NetworkServices services;
  private final @Nullable PacketCapture capture;

  NetworkCable(
      NetBackend end,
      UserNetwork network,
      NetworkServices services,
      @Nullable PacketCapture capture) {
    this.end = end;
    this.network = network;
    this.services = services;
    this.capture = capture;
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
    end.close();
    services.close();
    network.close();
    if (capture != null) {
      capture.close();
    }
  }
}
