package org.maloca.devices.acpi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Builds all tables of a board and lays them out in guest memory (ACPI Specification 6.4, section
 * 5.2): RSDP, FACS, DSDT, FADT, MADT, HPET, MCFG, XSDT and RSDT, one after the other from {@link
 * AcpiConfig#tablesGpa}.
 */
public final class AcpiTables {
  private static final int TABLE_ALIGNMENT = 16;
  private static final int FACS_BYTES = 64;
  private static final int FACS_VERSION = 2;
  private static final int RSDP_REVISION = 2;
  private static final int RSDP_BYTES = 36;
  private static final int RSDP_FIRST_PART = 20;
  private static final int RSDP_CHECKSUM = 8;
  private static final int RSDP_EXTENDED_CHECKSUM = 32;
  private static final long HPET_GPA = 0xfed0_0000L;

  private final List<Placed> placed = new ArrayList<>();
  private final long rsdpGpa;
  private long end;

  /**
   * A table in its place.
   *
   * @param name its signature
   * @param gpa guest-physical address of its first byte
   */
  public record Placed(String name, long gpa, byte[] bytes) {}

  private AcpiTables(AcpiConfig config) {
    rsdpGpa = config.tablesGpa();
    end = rsdpGpa + FACS_BYTES;
    long facs = place("FACS", facs());
    long dsdt = place("DSDT", Dsdt.build(config));
    List<Long> described = new ArrayList<>();
    described.add(place("FACP", Fadt.build(config, facs, dsdt)));
    described.add(place("APIC", Madt.build(config)));
    if (config.hasHpet()) {
      described.add(place("HPET", hpet(config)));
    }
    if (config.ecamGpa() != 0) {
      described.add(place("MCFG", mcfg(config)));
    }
    long xsdt = place("XSDT", root("XSDT", 8, described));
    long rsdt = place("RSDT", root("RSDT", 4, described));
    placed.addFirst(new Placed("RSD PTR ", rsdpGpa, rsdp(rsdt, xsdt)));
  }

  /** Builds the tables of a board. */
  public static AcpiTables build(AcpiConfig config) {
    return new AcpiTables(config);
  }

  /** The tables, lowest address first. */
  public List<Placed> placed() {
    return Collections.unmodifiableList(placed);
  }

  /** Where the RSDP lies, for boot protocols that pass it on. */
  public long rsdpGpa() {
    return rsdpGpa;
  }

  /** First address after the tables. */
  public long end() {
    return end;
  }

  private long place(String name, byte[] table) {
    long gpa = end;
    placed.add(new Placed(name, gpa, table));
    end = gpa + table.length + TABLE_ALIGNMENT - 1 & -TABLE_ALIGNMENT;
    return gpa;
  }

  private static byte[] rsdp(long rsdt, long xsdt) {
    TableWriter rsdp = TableWriter.headerless();
    rsdp.ascii("RSD PTR ").u8(0).ascii(TableWriter.oemId()).u8(RSDP_REVISION).u32(rsdt);
    byte[] bytes = rsdp.u32(RSDP_BYTES).u64(xsdt).u8(0).zeros(3).raw();
    bytes[RSDP_CHECKSUM] = TableWriter.checksum(bytes, RSDP_FIRST_PART);
    bytes[RSDP_EXTENDED_CHECKSUM] = TableWriter.checksum(bytes, RSDP_BYTES);
    return bytes;
  }

  private static byte[] facs() {
    TableWriter facs = TableWriter.headerless();
    facs.ascii("FACS").u32(FACS_BYTES).zeros(24).u8(FACS_VERSION);
    return facs.zeros(FACS_BYTES - facs.size()).raw();
  }

  private static byte[] root(String signature, int pointerBytes, List<Long> tables) {
    TableWriter root = new TableWriter(signature, 1);
    for (long gpa : tables) {
      root.bytes(Aml.littleEndian(gpa, pointerBytes));
    }
    return root.table();
  }

  /** IA-PC HPET Specification 1.0a, section 3.2.4. */
  private static byte[] hpet(AcpiConfig config) {
    TableWriter hpet = new TableWriter("HPET", 1);
    return hpet.u32(config.hpetBlockId()).gas(0, 64, 0, HPET_GPA).u8(0).u16(0).u8(0).table();
  }

  /** PCI Firmware Specification 3.0, section 4.1.2. */
  private static byte[] mcfg(AcpiConfig config) {
    TableWriter mcfg = new TableWriter("MCFG", 1).zeros(8);
    mcfg.u64(config.ecamGpa()).u16(0).u8(0).u8(config.ecamBuses() - 1).zeros(4);
    return mcfg.table();
  }
}
