package org.maloca.devices.acpi;

/** The Multiple APIC Description Table (ACPI Specification 6.4, section 5.2.12). */
final class Madt {
  private static final int REVISION = 5;
  private static final long LOCAL_APIC_GPA = 0xfee0_0000L;
  private static final long IO_APIC_GPA = 0xfec0_0000L;
  private static final int PCAT_COMPAT = 1;

  private static final int LOCAL_APIC = 0;
  private static final int IO_APIC = 1;
  private static final int INTERRUPT_SOURCE_OVERRIDE = 2;
  private static final int LOCAL_APIC_NMI = 4;
  private static final int LOCAL_X2APIC = 9;
  private static final int LOCAL_X2APIC_NMI = 10;

  private static final int ENABLED = 1;
  private static final int FLAGS_BUS_DEFAULT = 0;
  private static final int FLAGS_LEVEL_ACTIVE_HIGH = 0xd;

  /** APIC ids from here on do not fit the old entry; 255 is its broadcast. */
  private static final int FIRST_X2APIC_ID = 255;

  private Madt() {}

  static byte[] build(AcpiConfig config) {
    TableWriter madt = new TableWriter("APIC", REVISION).u32(LOCAL_APIC_GPA).u32(PCAT_COMPAT);
    for (int id = 0; id < config.cpuCount(); id++) {
      if (id < FIRST_X2APIC_ID) {
        madt.u8(LOCAL_APIC).u8(8).u8(id).u8(id).u32(ENABLED);
      } else {
        madt.u8(LOCAL_X2APIC).u8(16).u16(0).u32(id).u32(ENABLED).u32(id);
      }
    }
    madt.u8(IO_APIC).u8(12).u8(config.ioApicId()).u8(0).u32(IO_APIC_GPA).u32(0);
    override(madt, 0, 2, FLAGS_BUS_DEFAULT);
    override(madt, config.sciIrq(), config.sciIrq(), FLAGS_LEVEL_ACTIVE_HIGH);
    madt.u8(LOCAL_APIC_NMI).u8(6).u8(0xff).u16(FLAGS_BUS_DEFAULT).u8(1);
    if (config.cpuCount() > FIRST_X2APIC_ID) {
      madt.u8(LOCAL_X2APIC_NMI).u8(12).u16(FLAGS_BUS_DEFAULT).u32(0xffff_ffffL).u8(1).zeros(3);
    }
    return madt.table();
  }

  private static void override(TableWriter madt, int isaIrq, int gsi, int flags) {
    madt.u8(INTERRUPT_SOURCE_OVERRIDE).u8(10).u8(0).u8(isaIrq).u32(gsi).u16(flags);
  }
}
