package org.maloca.devices.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ApicTimerTest {
  private static final int LVT_TIMER = 0x320;
  private static final int INITIAL_COUNT = 0x380;
  private static final int CURRENT_COUNT = 0x390;
  private static final int DIVIDE = 0x3e0;
  private static final int BY_1 = 0xb;
  private static final int BY_16 = 0x3;
  private static final int PERIODIC = 1 << 17;
  private static final int TSC_DEADLINE = 2 << 17;
  private static final int IA32_TSC_DEADLINE = 0x6e0;
  private static final int VECTOR = 0xec;

  private final ApicBoard board = new ApicBoard().enabled();

  private int interrupts(long stepNanos, int steps) {
    int count = 0;
    for (int i = 0; i < steps; i++) {
      board.clock.advance(stepNanos);
      count += board.apic(0).acknowledge() == VECTOR ? 1 : 0;
      board.write(0, 0xb0, 0);
    }
    return count;
  }

  @Test
  void oneShotFiresOnceAtItsTime() {
    board.write(0, LVT_TIMER, VECTOR);
    board.write(0, DIVIDE, BY_16);
    board.write(0, INITIAL_COUNT, 1000);

    assertEquals(0, interrupts(15_999, 1));
    assertEquals(1, board.read(0, CURRENT_COUNT));
    assertEquals(1, interrupts(1, 1));
    assertEquals(0, board.read(0, CURRENT_COUNT));
    assertEquals(0, interrupts(16_000, 5));
  }

  @Test
  void periodicKeepsToItsGrid() {
    board.write(0, LVT_TIMER, PERIODIC | VECTOR);
    board.write(0, DIVIDE, BY_1);
    board.write(0, INITIAL_COUNT, 1_000_000);

    assertEquals(100, interrupts(1_000_000, 100));
    assertEquals(1_000_000, board.read(0, CURRENT_COUNT));
    assertEquals(0, interrupts(999_999, 1));
    assertEquals(1, interrupts(1, 1));
  }

  @Test
  void shortestPeriodDoesNotFlood() {
    board.write(0, LVT_TIMER, PERIODIC | VECTOR);
    board.write(0, DIVIDE, BY_1);
    board.write(0, INITIAL_COUNT, 1);

    int count = interrupts(1000, 1000);

    assertTrue(count > 10 && count <= 21, "interrupts: " + count);
  }

  @Test
  void maskedTimerCountsInSilence() {
    board.write(0, LVT_TIMER, LocalVectorTable.MASKED | VECTOR);
    board.write(0, DIVIDE, BY_1);
    board.write(0, INITIAL_COUNT, 1000);

    assertEquals(0, interrupts(500, 1));
    assertEquals(500, board.read(0, CURRENT_COUNT));
    assertEquals(0, interrupts(500, 1));
  }

  @Test
  void zeroCountStops() {
    board.write(0, LVT_TIMER, VECTOR);
    board.write(0, DIVIDE, BY_1);
    board.write(0, INITIAL_COUNT, 1000);

    board.write(0, INITIAL_COUNT, 0);

    assertEquals(0, interrupts(2000, 1));
  }

  @Test
  void divisorChangeKeepsTheCount() {
    board.write(0, LVT_TIMER, VECTOR);
    board.write(0, DIVIDE, BY_1);
    board.write(0, INITIAL_COUNT, 1000);
    board.clock.advance(400);

    board.write(0, DIVIDE, BY_16);

    assertEquals(600, board.read(0, CURRENT_COUNT));
    assertEquals(0, interrupts(600 * 16 - 1, 1));
    assertEquals(1, interrupts(1, 1));
  }

  @Test
  void tscDeadlineFiresWhenTheCounterIsThere() {
    board.write(0, LVT_TIMER, TSC_DEADLINE | VECTOR);
    board.apic(0).writeMsr(IA32_TSC_DEADLINE, 2001);
    long[] armed = new long[1];
    board.apic(0).readMsr(IA32_TSC_DEADLINE, armed);

    assertEquals(2001, armed[0]);
    assertEquals(0, interrupts(1000, 1));
    assertEquals(1, interrupts(1, 1));
    board.apic(0).readMsr(IA32_TSC_DEADLINE, armed);
    assertEquals(0, armed[0]);
  }

  @Test
  void tscDeadlineInThePastFiresAtOnce() {
    board.clock.advance(5000);
    board.write(0, LVT_TIMER, TSC_DEADLINE | VECTOR);

    board.apic(0).writeMsr(IA32_TSC_DEADLINE, 1);

    assertEquals(1, interrupts(0, 1));
  }

  @Test
  void tscDeadlineIsIgnoredInOtherModesAndZeroDisarms() {
    board.apic(0).writeMsr(IA32_TSC_DEADLINE, 100);
    assertEquals(0, interrupts(1000, 1));
    board.write(0, LVT_TIMER, TSC_DEADLINE | VECTOR);
    board.apic(0).writeMsr(IA32_TSC_DEADLINE, 10_000);

    board.apic(0).writeMsr(IA32_TSC_DEADLINE, 0);

    assertEquals(0, interrupts(100_000, 1));
  }

  @Test
  void farDeadlineNeverFires() {
    board.write(0, LVT_TIMER, TSC_DEADLINE | VECTOR);

    board.apic(0).writeMsr(IA32_TSC_DEADLINE, -1);

    assertEquals(0, interrupts(1_000_000_000_000L, 1));
  }
}
