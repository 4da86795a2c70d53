package org.maloca.net.nat;

import java.util.HashMap;
import java.util.Map;
import org.maloca.core.time.RateCell;

/**
 * How often each machine may have something done that costs the host more than a packet: who asks
 * for more is not answered, and leaves the others theirs. Guarded by the network's lock.
 */
public final class PortRates {
  private final int perSecond;
  private final int burst;
  private final Map<Integer, RateCell> byPort = new HashMap<>();

  /** Makes the rates of a network without machines; {@code burst} times go ahead at once. */
  public PortRates(int perSecond, int burst) {
    this.perSecond = perSecond;
    this.burst = burst;
  }

  /** Counts one; false if it has to wait. */
  public boolean admit(int portNumber, long nowNanos) {
    RateCell cell = byPort.get(portNumber);
    if (cell == null) {
      cell = RateCell.ofBurst(perSecond, burst, nowNanos);
      byPort.put(portNumber, cell);
    }
    return cell.nanosUntilReady(nowNanos) == 0 && cell.admit(1, nowNanos) == 0;
  }

  /** Whether one more would be admitted. */
  public boolean isReady(int portNumber, long nowNanos) {
    RateCell cell = byPort.get(portNumber);
    return cell == null || cell.nanosUntilReady(nowNanos) == 0;
  }

  /** A machine has left. */
  public void forget(int portNumber) {
    byPort.remove(portNumber);
  }
}
