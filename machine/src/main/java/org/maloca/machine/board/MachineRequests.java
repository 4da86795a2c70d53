package org.maloca.machine.board;

import org.maloca.devices.pm.PowerEvents;
import org.maloca.devices.ps2.SystemLines;

/** Brings what the devices' wires ask for together in {@link GuestRequests}, and moves A20. */
record MachineRequests(GuestRequests requests, PcMemory memory)
    implements SystemLines, PowerEvents {
  @Override
  public void a20Changed(boolean isEnabled) {
    memory.setA20(isEnabled);
  }

  @Override
  public void reset() {
    requests.reset();
  }

  @Override
  public void powerOff() {
    requests.powerOff();
  }
}
