package org.maloca.devices.acpi;

import java.util.ArrayList;
import java.util.List;

/**
 * The Differentiated System Description Table: the board's namespace. Revision 2, so that integers
 * have 64 bits.
 */
final class Dsdt {
  /** Native hot plug, power management events, capability structure. */
  private static final int GRANTED_CONTROLS = 0x15;

  private static final int REVISION = 2;
  private static final int LPC_ADDRESS = 31 << 16;
  private static final int SLOTS = 32;
  private static final int PINS = 4;

  private static final int[] COM_PORTS = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
  private static final int[] COM_IRQS = {4, 3, 4, 3};

  /** The PIC interrupts that the ISA bridge routes PIRQA to D to. */
  private static final int[] PIC_IRQS = {10, 11, 10, 11};

  private static final byte[] PCI_HOST_BRIDGE_UUID = {
    0x5b,
    0x4d,
    (byte) 0xdb,
    0x33,
    (byte) 0xf7,
    0x1f,
    0x1c,
    0x40,
    (byte) 0x96,
    0x57,
    0x74,
    0x41,
    (byte) 0xc0,
    0x3d,
    (byte) 0xd7,
    0x66
  };

  private Dsdt() {}

  static byte[] build(AcpiConfig config) {
    TableWriter dsdt = new TableWriter("DSDT", REVISION);
    dsdt.bytes(sleepStates(config).toByteArray());
    dsdt.bytes(interruptModel().toByteArray());
    dsdt.bytes(Aml.scope("\\_SB", processors(config)).toByteArray());
    dsdt.bytes(Aml.scope("\\_SB", hostBridge(config), motherboard(config)).toByteArray());
    if (config.hasHpet()) {
      dsdt.bytes(Aml.scope("\\_SB", hpet()).toByteArray());
    }
    if (!config.virtioSlots().isEmpty()) {
      dsdt.bytes(Aml.scope("\\_SB", virtioSlots(config)).toByteArray());
    }
    return dsdt.table();
  }

  private static AmlTerm sleepStates(AcpiConfig config) {
    return Aml.list(
        Aml.define("\\_S0", sleepPackage(0)),
        Aml.define("\\_S5", sleepPackage(config.s5SleepType())));
  }

  private static AmlTerm sleepPackage(int type) {
    AmlTerm zero = Aml.integer(0);
    return Aml.packageOf(Aml.integer(type), Aml.integer(type), zero, zero);
  }

  /** The guest calls _PIC to say which interrupt controller it will use: 0 PIC, 1 APIC. */
  private static AmlTerm interruptModel() {
    return Aml.list(
        Aml.define("\\PICF", Aml.integer(0)),
        Aml.method("\\_PIC", 1, false, Aml.store(Aml.arg(0), Aml.name("\\PICF"))));
  }

  private static AmlTerm[] processors(AcpiConfig config) {
    AmlTerm[] processors = new AmlTerm[config.cpuCount()];
    for (int cpu = 0; cpu < processors.length; cpu++) {
      processors[cpu] =
          Aml.device(
              "C%03X".formatted(cpu),
              Aml.define("_HID", Aml.string("ACPI0007")),
              Aml.define("_UID", Aml.integer(cpu)));
    }
    return processors;
  }

  private static AmlTerm hostBridge(AcpiConfig config) {
    return Aml.device(
        "PCI0",
        Aml.define("_HID", Aml.eisaId("PNP0A08")),
        Aml.define("_CID", Aml.eisaId("PNP0A03")),
        Aml.define("_UID", Aml.integer(0)),
        Aml.define("_SEG", Aml.integer(0)),
        Aml.define("_BBN", Aml.integer(0)),
        Aml.define("_CRS", hostBridgeResources(config)),
        Aml.define("PRTA", routing(config.pciGsiBase(), false)),
        Aml.define("PRTP", routing(0, true)),
        Aml.method(
            "_PRT",
            0,
            false,
            Aml.ifThen(Aml.name("\\PICF"), Aml.returnValue(Aml.name("PRTA"))),
            Aml.returnValue(Aml.name("PRTP"))),
        operatingSystemCapabilities(),
        isaBridge(config));
  }

  private static AmlTerm hostBridgeResources(AcpiConfig config) {
    AmlResources resources =
        new AmlResources()
            .busNumbers(0, config.ecamGpa() == 0 ? 255 : config.ecamBuses() - 1)
            .io(0xcf8, 8)
            .ioWindow(0x0000, 0x0cf7)
            .ioWindow(0x0d00, 0xffff)
            .memoryWindow32(0xa0000, 0xbffff, true)
            .memoryWindow32(config.pciHoleStart(), config.pciHoleEnd() - 1, false);
    if (config.pciHole64Start() != 0) {
      resources.memoryWindow64(config.pciHole64Start(), config.pciHole64End() - 1);
    }
    return resources.build();
  }

  /** Slot and pin to interrupt, with the slots' pins rotated over the four PIRQ lines. */
  private static AmlTerm routing(int gsiBase, boolean isPic) {
    List<AmlTerm> routes = new ArrayList<>();
    for (int slot = 1; slot < SLOTS; slot++) {
      for (int pin = 0; pin < PINS; pin++) {
        int line = slot + pin & PINS - 1;
        routes.add(
            Aml.packageOf(
                Aml.integer((long) slot << 16 | 0xffff),
                Aml.integer(pin),
                Aml.integer(0),
                Aml.integer(isPic ? PIC_IRQS[line] : gsiBase + line)));
      }
    }
    return Aml.packageOf(routes.toArray(AmlTerm[]::new));
  }

  /**
   * _OSC (section 6.2.11): of the features of PCI Express the guest may control hot plug, power
   * management events and the capability structure; there is no error reporting to control.
   */
  private static AmlTerm operatingSystemCapabilities() {
    return Aml.method(
        "_OSC",
        4,
        false,
        Aml.createDwordField(Aml.arg(3), 0, "CDW1"),
        Aml.ifThen(
            Aml.equal(Aml.arg(0), Aml.buffer(PCI_HOST_BRIDGE_UUID)),
            Aml.createDwordField(Aml.arg(3), 8, "CDW3"),
            Aml.and(Aml.name("CDW3"), Aml.integer(GRANTED_CONTROLS), Aml.local(0)),
            Aml.ifThen(
                Aml.not(Aml.equal(Aml.local(0), Aml.name("CDW3"))),
                Aml.store(Aml.local(0), Aml.name("CDW3")),
                Aml.or(Aml.name("CDW1"), Aml.integer(0x10), Aml.name("CDW1")))),
        Aml.otherwise(Aml.or(Aml.name("CDW1"), Aml.integer(0x04), Aml.name("CDW1"))),
        Aml.returnValue(Aml.arg(3)));
  }

  private static AmlTerm isaBridge(AcpiConfig config) {
    List<AmlTerm> body = new ArrayList<>();
    body.add(Aml.define("_ADR", Aml.integer(LPC_ADDRESS)));
    body.add(
        isaDevice(
            "PIC", "PNP0000", new AmlResources().io(0x20, 2).io(0xa0, 2).io(0x4d0, 2).irq(2)));
    body.add(isaDevice("TIMR", "PNP0100", new AmlResources().io(0x40, 4).irq(0)));
    body.add(isaDevice("RTC", "PNP0B00", new AmlResources().io(0x70, 2).irq(8)));
    body.add(isaDevice("SPKR", "PNP0800", new AmlResources().io(0x61, 1)));
    if (config.hasPs2()) {
      body.add(isaDevice("KBD", "PNP0303", new AmlResources().io(0x60, 1).io(0x64, 1).irq(1)));
      body.add(isaDevice("MOU", "PNP0F13", new AmlResources().irq(12)));
    }
    for (int port = 0; port < config.serialPorts(); port++) {
      body.add(
          Aml.device(
              "COM" + (port + 1),
              Aml.define("_HID", Aml.eisaId("PNP0501")),
              Aml.define("_UID", Aml.integer(port + 1)),
              Aml.define(
                  "_CRS", new AmlResources().io(COM_PORTS[port], 8).irq(COM_IRQS[port]).build())));
    }
    return Aml.device("ISA", body.toArray(AmlTerm[]::new));
  }

  private static AmlTerm isaDevice(String name, String id, AmlResources resources) {
    return Aml.device(
        name, Aml.define("_HID", Aml.eisaId(id)), Aml.define("_CRS", resources.build()));
  }

  /** What the board itself takes; guests use ECAM only where it is reserved so. */
  private static AmlTerm motherboard(AcpiConfig config) {
    AmlResources resources = new AmlResources().io(config.pmBasePort(), 0x80).io(0x92, 1);
    if (config.ecamGpa() != 0) {
      resources.memory32(config.ecamGpa(), (long) config.ecamBuses() << 20, true);
    }
    return Aml.device(
        "MBRD",
        Aml.define("_HID", Aml.eisaId("PNP0C02")),
        Aml.define("_UID", Aml.integer(0)),
        Aml.define("_CRS", resources.build()));
  }

  private static AmlTerm[] virtioSlots(AcpiConfig config) {
    AmlTerm[] slots = new AmlTerm[config.virtioSlots().size()];
    for (int i = 0; i < slots.length; i++) {
      AcpiConfig.VirtioSlot slot = config.virtioSlots().get(i);
      AmlResources resources = new AmlResources().memory32(slot.gpa(), 0x1000, true);
      if (slot.gsi() < 16) {
        resources.irq(slot.gsi());
      } else {
        resources.highLevelInterrupt(slot.gsi());
      }
      slots[i] =
          Aml.device(
              "VR%02X".formatted(i),
              Aml.define("_HID", Aml.string("LNRO0005")),
              Aml.define("_UID", Aml.integer(i)),
              Aml.define("_CCA", Aml.integer(1)),
              Aml.define("_CRS", resources.build()));
    }
    return slots;
  }

  private static AmlTerm hpet() {
    return Aml.device(
        "HPET",
        Aml.define("_HID", Aml.eisaId("PNP0103")),
        Aml.define("_UID", Aml.integer(0)),
        Aml.define("_CRS", new AmlResources().memory32(0xfed0_0000L, 0x400, false).build()));
  }
}
