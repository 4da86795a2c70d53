package org.maloca.devices.pm;

/**
 * What the guest asks of the machine's power. Called on a vCPU thread without locks held; must only
 * note the request, since stopping vCPUs and resetting devices belongs to the machine.
 */
public interface PowerEvents {
  /** The guest entered the soft-off state, S5. */
  void powerOff();

  /** The guest asked for a reset of the whole machine. */
  void reset();
}
