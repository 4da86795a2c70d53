package org.maloca.devices.pci;

/**
 * The slot of a root port, which functions can be plugged into and taken from while the guest runs:
 * slot and link registers in the port's PCI Express capability (PCI Express Base Specification 5.0,
 * sections 7.5.3.7 to 7.5.3.11 and 6.7.3). It has no button, no lamp and no switch for its power.
 * Used under the port's lock.
 */
final class PcieSlot {
  private static final int CAPABILITIES = 0x02;
  private static final int LINK_CAPABILITIES = 0x0c;
  private static final int LINK_CONTROL = 0x10;
  private static final int LINK_STATUS = 0x12;
  private static final int SLOT_CAPABILITIES = 0x14;
  private static final int SLOT_CONTROL = 0x18;
  private static final int SLOT_STATUS = 0x1a;
  private static final int ROOT_CONTROL = 0x1c;

  private static final int SLOT_IMPLEMENTED = 0x0100;
  private static final int SPEED_2_5_GT_AND_WIDTH_1 = 0x11;
  private static final int ACTIVE_LINK_REPORTED = 1 << 20;
  private static final int LINK_ACTIVE = 0x2000;
  private static final int LINK_CONTROL_WRITABLE = 0x0fff;

  private static final int SURPRISE = 1 << 5;
  private static final int HOT_PLUG_CAPABLE = 1 << 6;
  private static final int NO_COMMAND_COMPLETED = 1 << 18;
  private static final int SLOT_NUMBER_SHIFT = 19;

  private static final int SLOT_CONTROL_WRITABLE = 0x1fff;
  private static final int PRESENCE_CHANGED = 0x0008;
  private static final int PRESENT = 0x0040;
  private static final int LINK_CHANGED = 0x0100;
  private static final int INTERRUPT_ENABLE = 0x0020;
  private static final int LINK_CHANGED_ENABLE = 0x1000;
  private static final int ROOT_CONTROL_WRITABLE = 0x001f;

  private final PciConfigSpace config;
  private final int capability;

  /**
   * Declares the registers in a capability that is there.
   *
   * @param number of the slot, unique in the machine
   */
  PcieSlot(PciConfigSpace config, int capability, int number) {
    this.config = config;
    this.capability = capability;
    int version = config.read(capability + CAPABILITIES, 2);
    config.define(capability + CAPABILITIES, 2, version | SLOT_IMPLEMENTED, 0);
    config.define(
        capability + LINK_CAPABILITIES, 4, SPEED_2_5_GT_AND_WIDTH_1 | ACTIVE_LINK_REPORTED, 0);
    config.define(capability + LINK_CONTROL, 2, 0, LINK_CONTROL_WRITABLE);
    config.define(capability + LINK_STATUS, 2, SPEED_2_5_GT_AND_WIDTH_1, 0);
    config.define(
        capability + SLOT_CAPABILITIES,
        4,
        SURPRISE | HOT_PLUG_CAPABLE | NO_COMMAND_COMPLETED | number << SLOT_NUMBER_SHIFT,
        0);
    config.define(capability + SLOT_CONTROL, 2, 0, SLOT_CONTROL_WRITABLE);
    config.defineClearable(capability + SLOT_STATUS, 2, PRESENCE_CHANGED | LINK_CHANGED);
    config.define(capability + ROOT_CONTROL, 2, 0, ROOT_CONTROL_WRITABLE);
  }

  /** Offset of slot control, behind which slot status follows. */
  int controlOffset() {
    return capability + SLOT_CONTROL;
  }

  /** Shows whether there is a function in the slot. */
  void setPresent(boolean isPresent) {
    int status = config.read(capability + SLOT_STATUS, 2);
    int link = config.read(capability + LINK_STATUS, 2);
    config.set(capability + SLOT_STATUS, 2, isPresent ? status | PRESENT : status & ~PRESENT);
    config.set(capability + LINK_STATUS, 2, isPresent ? link | LINK_ACTIVE : link & ~LINK_ACTIVE);
  }

  /** Remembers that a function has come or gone, until the guest clears that. */
  void noteChange() {
    int status = config.read(capability + SLOT_STATUS, 2);
    config.set(capability + SLOT_STATUS, 2, status | PRESENCE_CHANGED | LINK_CHANGED);
  }

  /** Whether there are news that the guest wants to be interrupted for. */
  boolean wantsInterrupt() {
    int control = config.read(capability + SLOT_CONTROL, 2);
    int status = config.read(capability + SLOT_STATUS, 2);
    boolean isPresenceNews = (control & status & PRESENCE_CHANGED) != 0;
    boolean isLinkNews = (control & LINK_CHANGED_ENABLE) != 0 && (status & LINK_CHANGED) != 0;
    return (control & INTERRUPT_ENABLE) != 0 && (isPresenceNews || isLinkNews);
  }
}
