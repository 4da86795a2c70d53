package org.maloca.devices.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class X2ApicTest {
  private static final int IA32_APIC_BASE = 0x1b;
  private static final int ICR = 0x830;
  private static final long XAPIC = 0xfee0_0800L;
  private static final long X2APIC = 0xfee0_0c00L;

  private final ApicBoard board = new ApicBoard();

  @BeforeEach
  void enterX2ApicMode() {
    for (LocalApic apic : board.apics) {
      apic.writeMsr(IA32_APIC_BASE, X2APIC);
      apic.writeMsr(0x80f, 0x1ff);
    }
  }

  private long msr(int cpu, int index) {
    long[] value = {-1};
    board.apic(cpu).readMsr(index, value);
    return value[0];
  }

  @Test
  void registersAreMsrsAndThePageIsGone() {
    assertEquals(2, msr(2, 0x802));
    assertEquals(0x0105_0015, msr(2, 0x803));
    assertEquals(1 << 2, msr(2, 0x80d));
    assertEquals(-1, board.apic(2).readMemory(0x20, 4));
  }

  @Test
  void registersFaultInXApicMode() {
    ApicBoard fresh = new ApicBoard();

    assertFalse(fresh.apic(0).readMsr(0x802, new long[1]));
    assertFalse(fresh.apic(0).writeMsr(0x808, 0));
  }

  @Test
  void illegalModeChangesFault() {
    LocalApic apic = board.apic(1);

    assertFalse(apic.writeMsr(IA32_APIC_BASE, XAPIC));
    assertFalse(apic.writeMsr(IA32_APIC_BASE, 0xfee0_0400L));
    assertTrue(apic.writeMsr(IA32_APIC_BASE, 0xfee0_0000L));
    assertFalse(apic.writeMsr(IA32_APIC_BASE, X2APIC));
    assertTrue(apic.writeMsr(IA32_APIC_BASE, XAPIC));
    assertFalse(apic.writeMsr(IA32_APIC_BASE, XAPIC | 1));
    assertFalse(apic.writeMsr(IA32_APIC_BASE, XAPIC | 1L << 52));
    assertEquals(XAPIC, msr(1, IA32_APIC_BASE));
  }

  @Test
  void bootFlagStays() {
    assertTrue(board.apic(0).writeMsr(IA32_APIC_BASE, X2APIC));

    assertEquals(X2APIC | 0x100, msr(0, IA32_APIC_BASE));
    assertEquals(X2APIC, msr(1, IA32_APIC_BASE));
  }

  @Test
  void reservedBitsAndReadOnlyRegistersFault() {
    LocalApic apic = board.apic(0);

    assertFalse(apic.writeMsr(0x808, 0x100));
    assertFalse(apic.writeMsr(0x80b, 1));
    assertFalse(apic.writeMsr(0x828, 1));
    assertFalse(apic.writeMsr(0x832, 1L << 32));
    assertFalse(apic.writeMsr(0x832, 1 << 20));
    assertFalse(apic.writeMsr(0x802, 0));
    assertFalse(apic.writeMsr(0x831, 0));
    assertFalse(apic.writeMsr(0x82f, 0));
    assertFalse(apic.readMsr(0x80b, new long[1]));
    assertFalse(apic.readMsr(0x80e, new long[1]));
    assertFalse(apic.readMsr(0x83f, new long[1]));
    assertFalse(apic.readMsr(0x8ff, new long[1]));
  }

  @Test
  void icrSendsInOneWrite() {
    board.apic(0).writeMsr(ICR, 3L << 32 | 0x66);

    assertEquals(0x66, board.apic(3).acknowledge());
    assertEquals(3L << 32 | 0x66, msr(0, ICR));
  }

  @Test
  void logicalDestinationIsClusterAndBit() {
    board.apic(0).writeMsr(ICR, 0b0110L << 32 | 0x866);
    board.apic(0).writeMsr(ICR, 0x1_0001L << 32 | 0x877);

    assertFalse(board.pins.get(0).interrupt);
    assertEquals(0x66, board.apic(1).acknowledge());
    assertEquals(0x66, board.apic(2).acknowledge());
    assertFalse(board.pins.get(3).interrupt);
  }

  @Test
  void broadcastIsAllOnes() {
    board.apic(0).writeMsr(ICR, 0xffff_ffffL << 32 | 0x66);

    assertTrue(board.pins.stream().allMatch(pins -> pins.interrupt));
  }

  @Test
  void selfIpiInterruptsSelf() {
    board.apic(1).writeMsr(0x83f, 0x44);

    assertEquals(0x44, board.apic(1).acknowledge());
    assertTrue(board.apic(1).writeMsr(0x80b, 0));
    assertEquals(0, msr(1, 0x812));
  }

  @Test
  void initKeepsTheMode() {
    board.apic(0).writeMsr(ICR, 1L << 32 | 0x4500);

    assertTrue(board.apic(1).isX2Apic());
    assertEquals(0xff, msr(1, 0x80f));
  }
}
