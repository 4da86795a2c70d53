package org.maloca.net.udp;

import java.io.IOException;
import org.maloca.core.backend.NetFrame;

/** Who talks to a guest by a forward, as the host knows it: equal for all that is of one flow. */
public interface ForwardClient {
  /** Sends what the guest answers, which is a part of a frame. */
  void send(NetFrame frame, int from, int end) throws IOException;
}
