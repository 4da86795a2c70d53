package org.maloca.devices.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.TscClock;

class LocalApicTest {
  private static final int EOI = 0xb0;
  private static final int ICR_LOW = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int ESR = 0x280;

  private final ApicBoard board = new ApicBoard().enabled();

  private void fixed(int cpu, int vector) {
    board.apic(cpu).accept(DeliveryMode.FIXED, vector, false);
  }

  private void ipi(int cpu, int destination, int low) {
    board.write(cpu, ICR_HIGH, destination << 24);
    board.write(cpu, ICR_LOW, low);
  }

  @Test
  void fixedInterruptIsAcknowledgedAndServicedUntilEoi() {
    fixed(0, 0x41);
    boolean pending = board.pins.get(0).interrupt;

    int vector = board.apic(0).acknowledge();

    assertTrue(pending);
    assertEquals(0x41, vector);
    assertFalse(board.pins.get(0).interrupt);
    assertEquals(2, board.read(0, 0x120));
    assertEquals(0x40, board.read(0, 0xa0));
    board.write(0, EOI, 0);
    assertEquals(0, board.read(0, 0x120));
  }

  @Test
  void nothingPendingAcknowledgesAsMinusOne() {
    assertEquals(-1, board.apic(0).acknowledge());
  }

  @Test
  void lowerClassWaitsForEoiAndHigherNests() {
    fixed(0, 0x51);
    board.apic(0).acknowledge();
    fixed(0, 0x5f);
    boolean sameClass = board.pins.get(0).interrupt;

    fixed(0, 0x61);

    assertFalse(sameClass);
    assertEquals(0x61, board.apic(0).acknowledge());
    board.write(0, EOI, 0);
    assertEquals(-1, board.apic(0).acknowledge());
    board.write(0, EOI, 0);
    assertEquals(0x5f, board.apic(0).acknowledge());
  }

  @Test
  void taskPriorityHoldsInterruptsBack() {
    board.apic(0).setTaskPriority(5);
    fixed(0, 0x5f);
    boolean held = board.pins.get(0).interrupt;

    board.apic(0).setTaskPriority(4);

    assertFalse(held);
    assertTrue(board.pins.get(0).interrupt);
    assertEquals(4, board.apic(0).taskPriority());
    assertEquals(0x40, board.read(0, 0x80));
  }

  @Test
  void physicalIpiReachesItsTargetOnly() {
    ipi(0, 2, 0x4077);

    assertEquals(0x77, board.apic(2).acknowledge());
    assertFalse(board.pins.get(1).interrupt);
    assertFalse(board.pins.get(0).interrupt);
  }

  @Test
  void physicalBroadcastReachesAll() {
    ipi(0, 0xff, 0x4077);

    assertTrue(board.pins.stream().allMatch(pins -> pins.interrupt));
  }

  @Test
  void flatLogicalIpiReachesTheSet() {
    ipi(0, 0b1010, 0x4877);

    assertFalse(board.pins.get(0).interrupt);
    assertTrue(board.pins.get(1).interrupt);
    assertFalse(board.pins.get(2).interrupt);
    assertTrue(board.pins.get(3).interrupt);
  }

  @Test
  void clusterLogicalIpiReachesTheClusterOnly() {
    for (int cpu = 0; cpu < ApicBoard.CPUS; cpu++) {
      board.write(cpu, 0xe0, 0x0fff_ffff);
      board.write(cpu, 0xd0, (cpu / 2 << 4 | 1 << cpu % 2) << 24);
    }

    ipi(0, 0x12, 0x4877);

    assertTrue(board.pins.get(3).interrupt);
    assertFalse(board.pins.get(1).interrupt);
    assertFalse(board.pins.get(2).interrupt);
  }

  @Test
  void shorthandsAddressSelfAllAndOthers() {
    board.write(0, ICR_LOW, 1 << 18 | 0x50);
    board.write(1, ICR_LOW, 2 << 18 | 0x60);
    board.write(2, ICR_LOW, 3 << 18 | 0x70);

    assertEquals(0x70, board.apic(0).acknowledge());
    assertEquals(0x70, board.apic(1).acknowledge());
    assertEquals(0x60, board.apic(2).acknowledge());
    board.write(0, EOI, 0);
    board.write(1, EOI, 0);
    assertEquals(0x60, board.apic(0).acknowledge());
    board.write(0, EOI, 0);
    assertEquals(0x50, board.apic(0).acknowledge());
    assertEquals(0x60, board.apic(1).acknowledge());
    board.write(1, EOI, 0);
    assertEquals(-1, board.apic(1).acknowledge());
  }

  @Test
  void lowestPriorityGoesToTheIdlestOne() {
    board.apic(0).setTaskPriority(3);
    board.apic(1).setTaskPriority(2);
    board.apic(2).setTaskPriority(1);
    board.apic(3).setTaskPriority(2);

    ipi(0, 0xff, 0x4900 | 0x88);

    assertTrue(board.pins.get(2).interrupt);
    assertFalse(board.pins.get(0).interrupt || board.pins.get(1).interrupt);
    assertFalse(board.pins.get(3).interrupt);
  }

  @Test
  void initAndStartUpReachTheWaitingProcessor() {
    board.write(1, 0x320, 0x33);

    ipi(0, 1, 0xc500);
    ipi(0, 1, 0x8500);
    ipi(0, 1, 0x4608);

    assertEquals(1, board.pins.get(1).inits);
    assertEquals(8, board.pins.get(1).startupVector);
    assertEquals(0x1_0000, board.read(1, 0x320));
    assertEquals(0xff, board.read(1, 0xf0));
  }

  @Test
  void nmiIpiReachesPinsWhateverTheState() {
    board.write(3, 0xf0, 0xff);

    ipi(0, 3, 0x4400);

    assertEquals(1, board.pins.get(3).nmis);
  }

  @Test
  void softwareDisabledTakesNoFixedInterrupts() {
    board.write(0, 0xf0, 0xff);

    fixed(0, 0x41);

    assertEquals(-1, board.apic(0).acknowledge());
    assertEquals(LocalVectorTable.MASKED, board.read(0, 0x350) & LocalVectorTable.MASKED);
  }

  @Test
  void illegalVectorsAreErrorsWithAnInterrupt() {
    board.write(0, 0x370, 0xfe);
    ipi(0, 1, 0x4005);

    board.write(0, ESR, 0);

    assertEquals(0x20, board.read(0, ESR));
    assertEquals(0xfe, board.apic(0).acknowledge());
    fixed(1, 3);
    board.write(1, ESR, 0);
    assertEquals(0x40, board.read(1, ESR));
  }

  @Test
  void errorVectorThatIsIllegalItselfEndsThere() {
    board.write(0, 0x370, 0x03);

    fixed(0, 1);

    board.write(0, ESR, 0);
    assertEquals(0x40, board.read(0, ESR));
  }

  @Test
  void bootProcessorTakesExtIntFromPowerOn() {
    ApicBoard fresh = new ApicBoard();
    fresh.bus.connectPic(() -> 0x30);

    fresh.bus.lint0().raise();

    assertTrue(fresh.pins.get(0).interrupt);
    assertFalse(fresh.pins.get(1).interrupt);
    assertEquals(0x30, fresh.apic(0).acknowledge());
    fresh.bus.lint0().lower();
    assertFalse(fresh.pins.get(0).interrupt);
  }

  @Test
  void maskedLint0KeepsThePicOut() {
    board.write(0, 0x350, 0x1_0700);

    board.bus.lint0().raise();

    assertFalse(board.pins.get(0).interrupt);
    assertEquals(-1, board.apic(0).acknowledge());
  }

  @Test
  void disabledApicLeadsLinesStraightToTheCpu() {
    board.bus.connectPic(() -> 0x30);
    board.apic(1).writeMsr(0x1b, 0xfee0_0000L);

    board.bus.lint0().raise();
    board.bus.lint1().raise();

    assertTrue(board.pins.get(1).interrupt);
    assertEquals(0x30, board.apic(1).acknowledge());
    assertEquals(1, board.pins.get(1).nmis);
    assertEquals(-1, board.apic(1).readMemory(0x20, 4));
  }

  @Test
  void lint1DeliversNmiOnItsEdge() {
    board.write(0, 0x360, 0x400);

    board.bus.lint1().raise();
    board.bus.lint1().raise();

    assertEquals(1, board.pins.get(0).nmis);
  }

  @Test
  void levelLintComesAgainAfterEoi() {
    board.write(0, 0x350, 0x8000 | 0x61);
    board.bus.lint0().raise();
    board.apic(0).acknowledge();

    board.write(0, EOI, 0);

    assertEquals(0x61, board.apic(0).acknowledge());
    board.bus.lint0().lower();
    board.write(0, EOI, 0);
    assertEquals(-1, board.apic(0).acknowledge());
  }

  @Test
  void messageSignalledInterruptFindsItsTarget() {
    board.bus.send(0xfee0_3000L, 0x4055);
    board.bus.send(0x1_fee0_1000L, 0x4055);
    board.bus.send(0xfed0_1000L, 0x4055);

    assertEquals(0x55, board.apic(3).acknowledge());
    assertFalse(board.pins.get(1).interrupt);
  }

  @Test
  void pageIsThatOfTheThread() throws InterruptedException {
    long[] ids = new long[2];
    Thread vcpu =
        new Thread(() -> {
          board.bus.enter(2);
          ids[0] = board.page.read(0x20, 4);
        });
    Thread stranger = new Thread(() -> ids[1] = board.page.read(0x20, 4));

    vcpu.start();
    stranger.start();
    vcpu.join();
    stranger.join();

    assertEquals(0x0200_0000, ids[0]);
    assertEquals(-1, ids[1]);
    assertEquals(0, board.page.read(0x20, 4));
  }

  @Test
  void oddAccessesDoNothing() {
    board.write(0, 0x84, 0x50);
    board.apic(0).writeMemory(0x80, 2, 0x50);

    assertEquals(0, board.read(0, 0x80));
    assertEquals(0, board.apic(0).readMemory(0x38, 4));
    assertEquals(5, board.apic(0).readMemory(0x32, 1) & 0xff);
  }

  @Test
  void resetForgetsEverything() {
    fixed(0, 0x41);
    board.apic(0).setTaskPriority(9);

    board.apic(0).reset();

    assertFalse(board.pins.get(0).interrupt);
    assertEquals(0, board.apic(0).taskPriority());
    assertEquals(0xff, board.read(0, 0xf0));
  }

  @Test
  void restoresPendingInterruptsAndTheTimer() {
    board.write(0, 0x320, 0x99);
    board.write(0, 0x3e0, 0xb);
    board.write(0, 0x380, 1000);
    board.clock.advance(400);
    fixed(0, 0x41);
    SectionBuffer saved = new SectionBuffer();
    board.apic(0).save(saved);
    ApicBoard other = new ApicBoard();

    other.apic(0).restore(saved.reader());

    assertTrue(other.pins.get(0).interrupt);
    assertEquals(600, other.read(0, 0x390));
    other.clock.advance(600);
    assertEquals(0x99, other.apic(0).acknowledge());
  }

  @Test
  void arbitrationIgnoresDisabledApics() {
    ApicBoard fresh = new ApicBoard();
    fresh.write(3, 0xf0, 0x1ff);

    boolean accepted =
        fresh.bus.deliver(ApicBus.BROADCAST, false, DeliveryMode.LOWEST_PRIORITY, 0x40, false);

    assertTrue(accepted);
    assertTrue(fresh.pins.get(3).interrupt);
  }

  @Test
  void versionNamesSixLocalVectorsAndSuppression() {
    LocalApic apic =
        new LocalApic(new ApicBus(), 1, 9, board.clock, new TscClock(board.clock, 1_000_000_000));

    assertEquals(0x0105_0015, apic.readMemory(0x30, 4));
    assertEquals(0x0900_0000, apic.readMemory(0x20, 4));
  }
}
