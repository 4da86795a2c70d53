package org.maloca.devices.hpet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.RecordingLine;

class HpetTest {
  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xf0;
  private static final int TIMER_0 = 0x100;
  private static final int TIMER_2 = 0x140;
  private static final int COMPARATOR = 8;
  private static final long ENABLED = 1 << 2;
  private static final long LEVEL = 1 << 1;
  private static final long PERIODIC = 1 << 3;
  private static final long VALUE_SET = 1 << 6;
  private static final long MODE_32 = 1 << 8;
  private static final long ROUTE_20 = 20 << 9;
  private static final long FSB = 1 << 14;

  private final ManualClock clock = new ManualClock();
  private final RecordingLine pin20 = new RecordingLine();
  private final RecordingLine irq0 = new RecordingLine();
  private final RecordingLine irq8 = new RecordingLine();
  private final List<Long> messages = new ArrayList<>();
  private final Hpet hpet = newHpet(clock);

  private Hpet newHpet(ManualClock time) {
    return new Hpet(time, pin -> pin20, irq0, irq8, (gpa, data) -> messages.add(gpa << 16 | data));
  }

  private void write(int offset, long value) {
    hpet.write(offset, 8, value);
  }

  @Test
  void capabilitiesNameThreeTimersAtHundredMegahertz() {
    assertEquals(10_000_000L << 32 | 0x8086_a201L, hpet.read(0, 8));
    assertEquals(10_000_000L, hpet.read(4, 4));
    assertEquals(0x00f0_0000_0000_8030L, hpet.read(TIMER_0, 8));
  }

  @Test
  void counterStandsUntilEnabled() {
    clock.advance(1000);
    long before = hpet.read(COUNTER, 8);
    write(CONFIGURATION, 1);
    clock.advance(1000);
    write(CONFIGURATION, 0);
    clock.advance(1000);

    assertEquals(0, before);
    assertEquals(100, hpet.read(COUNTER, 8));
  }

  @Test
  void counterIsWrittenInHalves() {
    hpet.write(COUNTER, 4, 0x1111_2222);
    hpet.write(COUNTER + 4, 4, 0x3333_4444);

    assertEquals(0x3333_4444_1111_2222L, hpet.read(COUNTER, 8));
    assertEquals(0x3333_4444L, hpet.read(COUNTER + 4, 4));
  }

  @Test
  void oneShotEdgeFiresOnce() {
    write(CONFIGURATION, 1);
    write(TIMER_2, ENABLED | ROUTE_20);
    write(TIMER_2 + COMPARATOR, 500);

    clock.advance(4999);
    int early = pin20.edges;
    clock.advance(1);

    assertEquals(0, early);
    assertEquals(1, pin20.edges);
    assertFalse(pin20.level);
    clock.advance(1_000_000_000_000L);
    assertEquals(1, pin20.edges);
  }

  @Test
  void comparatorInThePastWaitsForTheWrap() {
    write(CONFIGURATION, 1);
    clock.advance(10_000);
    write(TIMER_2, ENABLED | ROUTE_20 | MODE_32);
    write(TIMER_2 + COMPARATOR, 500);

    clock.advance(10_000);
    int early = pin20.edges;
    clock.advance((1L << 32) * 10);

    assertEquals(0, early);
    assertEquals(1, pin20.edges);
  }

  @Test
  void periodicTimerSetAsKernelsDoTicksEveryPeriod() {
    write(CONFIGURATION, 1);
    write(TIMER_0, ENABLED | ROUTE_20 | PERIODIC | VALUE_SET | MODE_32);
    hpet.write(TIMER_0 + COMPARATOR, 4, 150_000);
    hpet.write(TIMER_0 + COMPARATOR, 4, 100_000);

    clock.advance(1_500_000);
    int first = pin20.edges;
    clock.advance(100_000_000);

    assertEquals(1, first);
    assertEquals(101, pin20.edges);
    assertEquals(10_250_000, hpet.read(TIMER_0 + COMPARATOR, 4));
  }

  @Test
  void shortestPeriodDoesNotFlood() {
    write(CONFIGURATION, 1);
    write(TIMER_0, ENABLED | ROUTE_20 | PERIODIC | VALUE_SET);
    write(TIMER_0 + COMPARATOR, 1);

    clock.advance(1_000_000_000);

    assertTrue(pin20.edges > 1000 && pin20.edges <= 20_001, "edges: " + pin20.edges);
  }

  @Test
  void levelInterruptLastsUntilStatusIsCleared() {
    write(CONFIGURATION, 1);
    write(TIMER_2, ENABLED | LEVEL | ROUTE_20);
    write(TIMER_2 + COMPARATOR, 500);
    clock.advance(5000);
    boolean raised = pin20.level;
    long status = hpet.read(STATUS, 8);

    write(STATUS, 4);

    assertTrue(raised);
    assertEquals(4, status);
    assertFalse(pin20.level);
  }

  @Test
  void messageGoesToItsAddress() {
    write(CONFIGURATION, 1);
    write(TIMER_2 + 0x10, 0xfee0_1000L << 32 | 0x55);
    write(TIMER_2, ENABLED | FSB);
    write(TIMER_2 + COMPARATOR, 500);

    clock.advance(5000);

    assertEquals(List.of(0xfee0_1000L << 16 | 0x55), messages);
  }

  @Test
  void legacyReplacementTakesTheLinesFromPitAndRtc() {
    hpet.pitInput().raise();
    hpet.rtcInput().raise();
    write(CONFIGURATION, 3);
    boolean irq0AfterSwitch = irq0.level;
    int edgesBefore = irq0.edges;

    hpet.pitInput().pulse();
    write(TIMER_0, ENABLED);
    write(TIMER_0 + COMPARATOR, 500);
    int edgesFromPit = irq0.edges - edgesBefore;
    clock.advance(5000);

    assertFalse(irq0AfterSwitch);
    assertFalse(irq8.level);
    assertEquals(0, edgesFromPit);
    assertEquals(1, irq0.edges - edgesBefore);
    write(CONFIGURATION, 1);
    assertTrue(irq8.level);
  }

  @Test
  void restoredTimerGoesOn() {
    write(CONFIGURATION, 1);
    write(TIMER_2, ENABLED | ROUTE_20);
    write(TIMER_2 + COMPARATOR, 500);
    clock.advance(2000);
    SectionBuffer saved = new SectionBuffer();
    hpet.save(saved);
    ManualClock otherClock = new ManualClock();
    otherClock.advance(123_456_789);
    Hpet other = newHpet(otherClock);

    other.restore(saved.reader());
    long counter = other.read(COUNTER, 8);
    otherClock.advance(3010);

    assertEquals(200, counter);
    assertEquals(1, pin20.edges);
  }
}
