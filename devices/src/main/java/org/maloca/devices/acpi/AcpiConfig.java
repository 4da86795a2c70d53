package org.maloca.devices.acpi;

import java.util.List;

/**
 * What the tables tell about a board. APIC ids are 0 to {@code cpuCount - 1}, and so are processor
 * UIDs.
 *
 * @param cpuCount 1 to 1024
 * @param tablesGpa where the tables start, a multiple of 64, in memory that the guest keeps; the
 *     RSDP is the first, so between 0xe0000 and 0xfffff a guest finds it by itself
 * @param ioApicId of the only I/O APIC, at 0xfec00000 with 24 inputs from GSI 0
 * @param sciIrq the ISA interrupt of power management events
 * @param pmBasePort first of 128 ports laid out as an ICH9's: PM1 event +0, control +4, timer +8,
 *     GPE0 +0x20 (4 bytes)
 * @param s5SleepType SLP_TYP value that turns the machine off
 * @param ecamGpa base of the ECAM window, 0 for none
 * @param ecamBuses buses in it, 1 to 256
 * @param pciHoleStart first address for 32-bit BARs
 * @param pciHoleEnd first address after them; below it there must be no ECAM
 * @param pciHole64Start first address for 64-bit BARs, 0 for none
 * @param pciHole64End first address after them
 * @param pciGsiBase GSI of PIRQA; B to D follow
 * @param serialPorts number of COM ports, 0 to 4
 * @param hasPs2 whether there is a keyboard controller
 * @param hasHpet whether there is an HPET at 0xfed00000
 * @param hpetBlockId its general capabilities register's low half
 * @param hasVga whether VGA may be probed for
 * @param virtioSlots virtio devices outside PCI
 */
public record AcpiConfig(
    int cpuCount,
    long tablesGpa,
    int ioApicId,
    int sciIrq,
    int pmBasePort,
    int s5SleepType,
    long ecamGpa,
    int ecamBuses,
    long pciHoleStart,
    long pciHoleEnd,
    long pciHole64Start,
    long pciHole64End,
    int pciGsiBase,
    int serialPorts,
    boolean hasPs2,
    boolean hasHpet,
    int hpetBlockId,
    boolean hasVga,
    List<VirtioSlot> virtioSlots) {
  public static final long DEFAULT_TABLES_GPA = 0xe0000;
  public static final int DEFAULT_PM_BASE = 0x600;
  public static final int DEFAULT_S5_SLEEP_TYPE = 5;
  public static final int DEFAULT_HPET_BLOCK_ID = 0x8086_a201;

  /**
   * A virtio device with memory-mapped registers, in 4 KiB.
   *
   * @param gpa of its registers, below 4 GiB
   * @param gsi its interrupt: level and active high from 16 on, an ISA interrupt below
   */
  public record VirtioSlot(long gpa, int gsi) {}

  public AcpiConfig {
    virtioSlots = List.copyOf(virtioSlots);
    if (cpuCount < 1 || cpuCount > 1024) {
      throw new IllegalArgumentException("cpuCount " + cpuCount);
    }
    if ((tablesGpa & 63) != 0 || tablesGpa < 0 || tablesGpa >= 1L << 32) {
      throw new IllegalArgumentException("tablesGpa %#x".formatted(tablesGpa));
    }
    if (serialPorts < 0 || serialPorts > 4) {
      throw new IllegalArgumentException("serialPorts " + serialPorts);
    }
    if (ecamGpa != 0 && (ecamBuses < 1 || ecamBuses > 256)) {
      throw new IllegalArgumentException("ecamBuses " + ecamBuses);
    }
    if (pciHoleEnd <= pciHoleStart || pciHoleEnd > 1L << 32) {
      throw new IllegalArgumentException("pciHole %#x..%#x".formatted(pciHoleStart, pciHoleEnd));
    }
    if (pciHole64Start != 0 && pciHole64End <= pciHole64Start) {
      throw new IllegalArgumentException("pciHole64 ends before its start");
    }
  }

  /**
   * The usual board: ECAM at 0xb0000000 for 256 buses, 32-bit BARs from 0xc0000000 to 0xfebfffff,
   * 256 GiB of 64-bit BARs from {@code pciHole64Start}, SCI on 9, PIRQs on GSI 16 to 19, a PS/2
   * controller, an HPET and no VGA.
   */
  public static AcpiConfig standard(int cpuCount, long pciHole64Start, int serialPorts) {
    return new AcpiConfig(
        cpuCount,
        DEFAULT_TABLES_GPA,
        0,
        9,
        DEFAULT_PM_BASE,
        DEFAULT_S5_SLEEP_TYPE,
        0xb000_0000L,
        256,
        0xc000_0000L,
        0xfec0_0000L,
        pciHole64Start,
        pciHole64Start == 0 ? 0 : pciHole64Start + (256L << 30),
        16,
        serialPorts,
        true,
        true,
        DEFAULT_HPET_BLOCK_ID,
        false,
        List.of());
  }
}
