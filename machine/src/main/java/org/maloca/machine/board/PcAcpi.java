package org.maloca.machine.board;

import java.util.List;
import org.maloca.devices.acpi.AcpiConfig;
import org.maloca.devices.hpet.Hpet;
import org.maloca.devices.pm.AcpiPmBlock;

/** Tells the ACPI tables what this board is. */
final class PcAcpi {
  private PcAcpi() {}

  static AcpiConfig describe(
      int cpus, long pciHole64Start, int serialPorts, List<AcpiConfig.VirtioSlot> virtioSlots) {
    AcpiConfig usual = AcpiConfig.standard(cpus, pciHole64Start, serialPorts);
    return new AcpiConfig(
        usual.cpuCount(),
        usual.tablesGpa(),
        usual.ioApicId(),
        usual.sciIrq(),
        AcpiPmBlock.DEFAULT_PORT,
        AcpiPmBlock.SLP_TYP_S5,
        usual.ecamGpa(),
        usual.ecamBuses(),
        usual.pciHoleStart(),
        usual.pciHoleEnd(),
        usual.pciHole64Start(),
        usual.pciHole64End(),
        usual.pciGsiBase(),
        usual.serialPorts(),
        usual.hasPs2(),
        usual.hasHpet(),
        Hpet.EVENT_TIMER_BLOCK_ID,
        usual.hasVga(),
        virtioSlots);
  }
}
