package org.maloca.net.ethernet;

import org.maloca.core.backend.NetFrame;

/** What the switch has beside the machines: the gateway. */
public interface Uplink {
  /** A frame from a guest to the gateway or to all. Called without locks, by any thread. */
  void receive(SwitchPort from, NetFrame frame);

  /** A port has room again. */
  void roomAvailable(SwitchPort port);

  /** A port is gone. */
  void removed(SwitchPort port);
}
