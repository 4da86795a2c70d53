package org.maloca.machine.device;

import org.maloca.core.backend.ForwardingNetBackend;
import org.maloca.core.backend.NetBackend;

/** A cable to a network that others may be on as well: pulled out, the card leaves it. */
final class NetworkCable extends ForwardingNetBackend {
  private final Runnable beforeLeaving;
  private final Runnable leave;

  NetworkCable(NetBackend end, Runnable beforeLeaving, Runnable leave) {
    super(end);
    this.beforeLeaving = beforeLeaving;
    this.leave = leave;
  }

  @Override
  public void close() {
    beforeLeaving.run();
    super.close();
    leave.run();
  }
}
