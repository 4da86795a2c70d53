package org.maloca.devices.ps2;

/** The two chipset wires that the keyboard controller and port 0x92 can both drive. */
public interface SystemLines {
  /** Wires that lead nowhere. */
  SystemLines NOT_CONNECTED =
      new SystemLines() {
        @Override
        public void a20Changed(boolean isEnabled) {}

        @Override
        public void reset() {}
      };

  /** Address line 20 was let through (true) or forced to zero. Called on a vCPU thread. */
  void a20Changed(boolean isEnabled);

  /**
   * The guest asks for a processor reset. Called on a vCPU thread without locks held; must only
   * note the request, since resetting devices belongs to the machine.
   */
  void reset();
}
