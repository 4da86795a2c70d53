package org.maloca.net.nat;

import java.util.HashMap;
import java.util.Map;
import org.maloca.core.time.RateCell;

/**
 * How quickly each machine may open flows. A new one costs the host a socket, which takes as long
 * as many packets do; who asks for more is not answered, and asks again if it was in earnest.
 * Guarded by the network's lock.
 */
public final class FlowOpenings {
  static final int PER_SECOND = 8000;
  static final int BURST = 2048;

  private final Map<Integer, RateCell> byPort = new HashMap<>();

  /** Counts one; false if it has to wait. */
  public boolean admit(int portNumber, long nowNanos) {
    RateCell cell = byPort.get(portNumber);
    if (cell == null) {
      cell = RateCell.ofBurst(PER_SECOND, BURST, nowNanos);
      byPort.put(portNumber, cell);
    }
    return cell.nanosUntilReady(nowNanos) == 0 && cell.admit(1, nowNanos) == 0;
  }

  /** A machine has left. */
  public void forget(int portNumber) {
    byPort.remove(portNumber);
  }
}
