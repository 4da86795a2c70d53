package org.maloca.net.dhcp;

/** Hears of addresses that machines take and give back. Called with the server's lock held. */
public interface LeaseListener {
  /** Hears nothing. */
  LeaseListener NONE =
      new LeaseListener() {
        @Override
        public void leased(long hardwareAddress, int address, int port, String hostName) {}

        @Override
        public void released(long hardwareAddress, int address) {}
      };

  /**
   * The machine has the address from now on, or has renewed it.
   *
   * @param port of the switch, by which it asked
   * @param hostName what it calls itself (option 12), whatever that is; empty if it does not say
   */
  void leased(long hardwareAddress, int address, int port, String hostName);

  /** The machine no longer has the address. */
  void released(long hardwareAddress, int address);
}
