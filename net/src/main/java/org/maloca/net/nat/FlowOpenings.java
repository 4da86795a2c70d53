package org.maloca.net.nat;

/**
 * How quickly each machine may open flows. A new one costs the host a socket, which takes as long
 * as many packets do; who asks for more is not answered, and asks again if it was in earnest. A
 * machine that has all that it may have gives one up for each, and gets fewer: in time it would
 * only have the host make and close sockets. Guarded by the network's lock.
 */
public final class FlowOpenings {
  static final int PER_SECOND = 8000;
  static final int AT_ONCE = 2048;
  static final int RECYCLED_PER_SECOND = 1000;
  static final int RECYCLED_AT_ONCE = 64;

  private final PortRates openings = new PortRates(PER_SECOND, AT_ONCE);
  private final PortRates recyclings = new PortRates(RECYCLED_PER_SECOND, RECYCLED_AT_ONCE);

  /**
   * Counts one; false if it has to wait.
   *
   * @param isFull whether the machine would give one up for it
   */
  public boolean admit(int portNumber, boolean isFull, long nowNanos) {
    return openings.isReady(portNumber, nowNanos)
        && (!isFull || recyclings.admit(portNumber, nowNanos))
        && openings.admit(portNumber, nowNanos);
  }

  /** A machine has left. */
  public void forget(int portNumber) {
    openings.forget(portNumber);
    recyclings.forget(portNumber);
  }
}
