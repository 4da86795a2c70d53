package org.maloca.devices.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the tables as a guest does: from the RSDP, by pointers, trusting no length. */
class AcpiTablesTest {
  private static final AcpiConfig CONFIG = AcpiConfig.standard(4, 0x100_0000_0000L, 2);

  private static Map<Long, ByteBuffer> byAddress(AcpiConfig config) {
    Map<Long, ByteBuffer> tables = new HashMap<>();
    for (AcpiTables.Placed placed : AcpiTables.build(config).placed()) {
      tables.put(placed.gpa(), ByteBuffer.wrap(placed.bytes()).order(ByteOrder.LITTLE_ENDIAN));
    }
    return tables;
  }

  private static ByteBuffer table(AcpiConfig config, String name) {
    return AcpiTables.build(config).placed().stream()
        .filter(placed -> placed.name().equals(name))
        .map(placed -> ByteBuffer.wrap(placed.bytes()).order(ByteOrder.LITTLE_ENDIAN))
        .findFirst()
        .orElseThrow();
  }

  private static String ascii(ByteBuffer table, int offset, int length) {
    return new String(table.array(), offset, length, StandardCharsets.US_ASCII);
  }

  private static int sum(ByteBuffer table, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += table.get(i);
    }
    return sum & 0xff;
  }

  private static void checkHeader(ByteBuffer table, String signature) {
    assertEquals(signature, ascii(table, 0, 4));
    assertEquals(table.capacity(), table.getInt(4));
    assertEquals(0, sum(table, table.capacity()));
  }

  @Test
  void rootPointerLeadsToEveryTable() {
    Map<Long, ByteBuffer> tables = byAddress(CONFIG);
    ByteBuffer rsdp = tables.get(0xe0000L);

    assertEquals("RSD PTR ", ascii(rsdp, 0, 8));
    assertEquals(0, sum(rsdp, 20));
    assertEquals(0, sum(rsdp, 36));
    assertEquals(2, rsdp.get(15));
    assertEquals(36, rsdp.getInt(20));
    ByteBuffer xsdt = tables.get(rsdp.getLong(24));
    ByteBuffer rsdt = tables.get((long) rsdp.getInt(16));
    checkHeader(xsdt, "XSDT");
    checkHeader(rsdt, "RSDT");
    String[] signatures = {"FACP", "APIC", "HPET", "MCFG"};
    assertEquals(36 + 8 * signatures.length, xsdt.capacity());
    for (int i = 0; i < signatures.length; i++) {
      checkHeader(tables.get(xsdt.getLong(36 + 8 * i)), signatures[i]);
      assertEquals(xsdt.getLong(36 + 8 * i), rsdt.getInt(36 + 4 * i));
    }
  }

  @Test
  void tablesDoNotOverlapAndAreAligned() {
    AcpiTables tables = AcpiTables.build(CONFIG);
    long end = 0;
    for (AcpiTables.Placed placed : tables.placed()) {
      assertTrue(placed.gpa() >= end, placed.name());
      assertEquals(0, placed.gpa() & 15, placed.name());
      end = placed.gpa() + placed.bytes().length;
    }
    assertTrue(end <= tables.end());
    assertTrue(tables.end() <= 0xf0000);
  }

  @Test
  void fixedTableDescribesThePmBlock() {
    Map<Long, ByteBuffer> tables = byAddress(CONFIG);
    ByteBuffer fadt = table(CONFIG, "FACP");

    assertEquals(276, fadt.capacity());
    assertEquals(6, fadt.get(8));
    ByteBuffer facs = tables.get((long) fadt.getInt(36));
    assertEquals("FACS", ascii(facs, 0, 4));
    assertEquals(64, facs.getInt(4));
    assertEquals(0, fadt.getInt(36) & 63);
    checkHeader(tables.get((long) fadt.getInt(40)), "DSDT");
    assertEquals(fadt.getInt(40), fadt.getLong(140));
    assertEquals(9, fadt.getShort(46));
    assertEquals(0x600, fadt.getInt(56));
    assertEquals(0x604, fadt.getInt(64));
    assertEquals(0x608, fadt.getInt(76));
    assertEquals(0x620, fadt.getInt(80));
    assertEquals(4, fadt.get(88));
    assertEquals(2, fadt.get(89));
    assertEquals(4, fadt.get(91));
    assertEquals(4, fadt.get(92));
    assertEquals(0x0007, fadt.getShort(109));
    assertEquals(0xcf9, fadt.getLong(120));
    assertEquals(6, fadt.get(128));
    assertEquals(0x600, fadt.getLong(152));
    assertEquals(0x604, fadt.getLong(176));
    assertEquals(0x608, fadt.getLong(212));
    assertEquals(0x620, fadt.getLong(224));
    int flags = fadt.getInt(112);
    assertEquals(0, flags >>> 20 & 1, "HW_REDUCED");
    assertEquals(0, flags >>> 4 & 1, "power button is fixed hardware");
    assertEquals(1, flags >>> 10 & 1, "reset register");
  }

  @Test
  void interruptTableListsEveryProcessorOnce() {
    ByteBuffer madt = table(AcpiConfig.standard(300, 0, 0), "APIC");
    checkHeader(madt, "APIC");
    int[] entries = new int[16];
    int next = 0;
    int at = 44;
    while (at < madt.capacity()) {
      int type = madt.get(at);
      entries[type]++;
      if (type == 0) {
        assertEquals(next, madt.get(at + 3) & 0xff);
        assertEquals(1, madt.getInt(at + 4));
        next++;
      } else if (type == 9) {
        assertEquals(next, madt.getInt(at + 4));
        assertEquals(next, madt.getInt(at + 12));
        next++;
      }
      at += madt.get(at + 1);
    }
    assertEquals(madt.capacity(), at);
    assertEquals(300, next);
    assertEquals(255, entries[0]);
    assertEquals(1, entries[1]);
    assertEquals(2, entries[2]);
    assertEquals(1, entries[4]);
    assertEquals(45, entries[9]);
    assertEquals(1, entries[10]);
  }

  @Test
  void configurationTableGivesTheEcamWindow() {
    ByteBuffer mcfg = table(CONFIG, "MCFG");
    assertEquals(60, mcfg.capacity());
    assertEquals(0xb000_0000L, mcfg.getLong(44));
    assertEquals(0, mcfg.getShort(52));
    assertEquals(0, mcfg.get(54));
    assertEquals(255, mcfg.get(55) & 0xff);
  }

  @Test
  void timerTableGivesTheHpet() {
    ByteBuffer hpet = table(CONFIG, "HPET");
    assertEquals(56, hpet.capacity());
    assertEquals(0x8086_a201, hpet.getInt(36));
    assertEquals(0xfed0_0000L, hpet.getLong(44));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 64, 255, 256, 512, 1024})
  void namespaceParsesToItsEnd(int cpus) {
    ByteBuffer dsdt = table(AcpiConfig.standard(cpus, 0x100_0000_0000L, 4), "DSDT");
    checkHeader(dsdt, "DSDT");
    AmlReader reader = new AmlReader(dsdt.array(), 36);
    reader.readAll();
    assertEquals(
        cpus, reader.devices().stream().filter(name -> name.matches("C[0-9A-F]{3}")).count());
    assertTrue(reader.devices().contains("PCI0"));
    assertTrue(reader.devices().contains("COM4"));
    assertTrue(reader.devices().contains("HPET"));
    assertTrue(reader.devices().contains("RTC_"));
  }
}
