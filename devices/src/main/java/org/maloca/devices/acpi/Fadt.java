package org.maloca.devices.acpi;

/**
 * The Fixed ACPI Description Table (ACPI Specification 6.4, section 5.2.9). There is no legacy
 * mode: SMI_CMD is 0, so the board must have SCI_EN set from the start.
 */
final class Fadt {
  private static final int REVISION = 6;
  private static final int MINOR_REVISION = 0;
  private static final int PROFILE_DESKTOP = 1;

  private static final int PM1_EVENT = 0x00;
  private static final int PM1_CONTROL = 0x04;
  private static final int PM_TIMER = 0x08;
  private static final int GPE0 = 0x20;
  private static final int PM1_EVENT_BYTES = 4;
  private static final int PM1_CONTROL_BYTES = 2;
  private static final int PM_TIMER_BYTES = 4;
  private static final int GPE0_BYTES = 4;

  private static final int RESET_PORT = 0xcf9;
  private static final int RESET_VALUE = 6;
  private static final int CENTURY_CMOS_INDEX = 0x32;

  /** Larger than any real latency: there is no C2 and no C3. */
  private static final int NO_C2 = 0xfff;

  private static final int NO_C3 = 0xfff;

  private static final int BOOT_LEGACY_DEVICES = 0x0001;
  private static final int BOOT_8042 = 0x0002;
  private static final int BOOT_VGA_NOT_PRESENT = 0x0004;

  private static final int WBINVD = 1;
  private static final int PROC_C1 = 1 << 2;
  private static final int SLP_BUTTON_NOT_FIXED = 1 << 5;
  private static final int RESET_REG_SUP = 1 << 10;
  private static final int FLAGS = WBINVD | PROC_C1 | SLP_BUTTON_NOT_FIXED | RESET_REG_SUP;

  private static final int SYSTEM_IO = 1;
  private static final int ACCESS_UNDEFINED = 0;
  private static final int ACCESS_BYTE = 1;
  private static final int ACCESS_WORD = 2;
  private static final int ACCESS_DWORD = 3;
  private static final int GAS_BYTES = 12;

  private Fadt() {}

  static byte[] build(AcpiConfig config, long facsGpa, long dsdtGpa) {
    int base = config.pmBasePort();
    int boot =
        BOOT_LEGACY_DEVICES
            | (config.hasPs2() ? BOOT_8042 : 0)
            | (config.hasVga() ? 0 : BOOT_VGA_NOT_PRESENT);
    TableWriter fadt = new TableWriter("FACP", REVISION);
    fadt.u32(facsGpa).u32(dsdtGpa).u8(0).u8(PROFILE_DESKTOP).u16(config.sciIrq());
    fadt.u32(0).u8(0).u8(0).u8(0).u8(0);
    fadt.u32(base + PM1_EVENT).u32(0).u32(base + PM1_CONTROL).u32(0).u32(0);
    fadt.u32(base + PM_TIMER).u32(base + GPE0).u32(0);
    fadt.u8(PM1_EVENT_BYTES).u8(PM1_CONTROL_BYTES).u8(0).u8(PM_TIMER_BYTES);
    fadt.u8(GPE0_BYTES).u8(0).u8(0).u8(0).u16(NO_C2).u16(NO_C3).u16(0).u16(0);
    fadt.u8(0).u8(0).u8(0).u8(0).u8(CENTURY_CMOS_INDEX).u16(boot).u8(0).u32(FLAGS);
    fadt.gas(SYSTEM_IO, 8, ACCESS_BYTE, RESET_PORT).u8(RESET_VALUE).u16(0).u8(MINOR_REVISION);
    // A FACS address may be given in one of the two fields only; the DSDT's in both.
    fadt.u64(0).u64(dsdtGpa);
    fadt.gas(SYSTEM_IO, 8 * PM1_EVENT_BYTES, ACCESS_WORD, base + PM1_EVENT).zeros(GAS_BYTES);
    fadt.gas(SYSTEM_IO, 8 * PM1_CONTROL_BYTES, ACCESS_WORD, base + PM1_CONTROL).zeros(GAS_BYTES);
    fadt.zeros(GAS_BYTES);
    fadt.gas(SYSTEM_IO, 8 * PM_TIMER_BYTES, ACCESS_DWORD, base + PM_TIMER);
    fadt.gas(SYSTEM_IO, 8 * GPE0_BYTES, ACCESS_BYTE, base + GPE0).zeros(GAS_BYTES);
    fadt.gas(0, 0, ACCESS_UNDEFINED, 0).gas(0, 0, ACCESS_UNDEFINED, 0).u64(0);
    return fadt.table();
  }
}
