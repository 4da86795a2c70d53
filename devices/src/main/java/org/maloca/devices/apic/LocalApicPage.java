package org.maloca.devices.apic;

import org.maloca.core.bus.IoHandler;

/**
 * The 4 KiB of local APIC registers that every vCPU sees at {@value #GPA}, each its own. Which one
 * is told by the thread ({@link ApicBus#enter}); other threads read ones.
 */
public final class LocalApicPage implements IoHandler {
  public static final long GPA = 0xfee0_0000L;
  public static final int BYTES = 0x1000;

  private final ApicBus bus;

  public LocalApicPage(ApicBus bus) {
    this.bus = bus;
  }

  @Override
  public long read(int offset, int size) {
    LocalApic apic = bus.current();
    return apic == null ? -1 : apic.readMemory(offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    LocalApic apic = bus.current();
    if (apic != null) {
      apic.writeMemory(offset, size, value);
    }
  }
}
