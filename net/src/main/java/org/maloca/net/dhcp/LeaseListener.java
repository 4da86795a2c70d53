package org.maloca.net.dhcp;

/** Hears of addresses that machines take and give back. Called with the server's lock held. */
public interface LeaseListener {
  /** Hears nothing. */
  LeaseListener NONE =
      new LeaseListener() {
        @Override
        public void leased(long hardwareAddress, int address) {}

        @Override
        public void released(long hardwareAddress, int address) {}
      };

  /** The machine has the address from now on, or has renewed it. */
  void leased(long hardwareAddress, int address);

  /** The machine no longer has the address. */
  void released(long hardwareAddress, int address);
}
