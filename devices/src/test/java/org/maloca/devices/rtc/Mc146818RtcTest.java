package org.maloca.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.RecordingLine;

class Mc146818RtcTest {
  private static final long SECOND = 1_000_000_000;
  private static final Instant START = Instant.parse("2026-12-31T23:59:50Z");

  private final ManualClock clock = new ManualClock(START);
  private final RecordingLine irq = new RecordingLine();
  private int wakes;
  private final Mc146818Rtc rtc = new Mc146818Rtc(clock, irq, () -> wakes++);
  private final PortBus ports = new PortBus();

  Mc146818RtcTest() {
    rtc.register(ports);
  }

  private int read(int register) {
    ports.write(0x70, 1, register);
    return (int) ports.read(0x71, 1);
  }

  private void write(int register, int value) {
    ports.write(0x70, 1, register);
    ports.write(0x71, 1, value);
  }

  private String time() {
    return "%02x%02x-%02x-%02x %02x:%02x:%02x"
        .formatted(read(0x32), read(9), read(8), read(7), read(4), read(2), read(0));
  }

  @Test
  void wallClockShowsInBcd() {
    assertEquals("2026-12-31 23:59:50", time());
    assertEquals(5, read(6));
  }

  @Test
  void timeGoesOnOverTheYear() {
    clock.advance(11 * SECOND);

    assertEquals("2027-01-01 00:00:01", time());
  }

  @Test
  void twelveHoursWithBinaryData() {
    write(0x0b, 0x04);

    assertEquals(0x80 | 11, read(4));
    assertEquals(59, read(2));
    clock.advance(10 * SECOND);
    assertEquals(12, read(4));
  }

  @Test
  void guestSetsTheTime() {
    write(0x0b, 0x82);
    write(0x32, 0x19);
    write(9, 0x99);
    write(8, 0x02);
    write(7, 0x28);
    write(4, 0x23);
    write(2, 0x59);
    write(0, 0x59);
    clock.advance(5 * SECOND);
    String standing = time();
    write(0x0b, 0x02);

    clock.advance(SECOND);

    assertEquals("1999-02-28 23:59:59", standing);
    assertEquals("1999-03-01 00:00:00", time());
  }

  @Test
  void dividerReleasedUpdatesAfterHalfASecond() {
    write(0x0b, 0x82);
    write(0x0a, 0x70);
    write(0, 0x10);
    write(0x0b, 0x02);
    write(0x0a, 0x26);

    clock.advance(SECOND / 2 - 1);
    int before = read(0);
    clock.advance(1);

    assertEquals(0x10, before);
    assertEquals(0x11, read(0));
  }

  @Test
  void nonsenseTimeIsBroughtIntoRange() {
    write(0x0b, 0x82);
    write(8, 0xff);
    write(7, 0xff);
    write(4, 0xff);
    write(2, 0xff);
    write(0, 0xff);

    write(0x0b, 0x02);

    assertEquals("2026-12-31 23:59:59", time());
  }

  @Test
  void updateInProgressLeadsTheUpdate() {
    clock.advance(SECOND - 244_001);
    int before = read(0x0a);
    clock.advance(1);

    assertEquals(0x26, before);
    assertEquals(0xa6, read(0x0a));
  }

  @Test
  void updateInterruptComesOnTheSecondUntilRead() {
    write(0x0b, 0x12);
    clock.advance(SECOND - 1);
    boolean early = irq.level;
    clock.advance(1);

    assertFalse(early);
    assertTrue(irq.level);
    assertEquals(0x90, read(0x0c) & 0x90);
    assertFalse(irq.level);
    assertEquals(0, read(0x0c));
  }

  @Test
  void periodicInterruptKeepsItsRate() {
    write(0x0a, 0x26);
    write(0x0b, 0x42);
    int interrupts = 0;
    for (int i = 0; i < 2048; i++) {
      clock.advance(SECOND / 2048);
      interrupts += read(0x0c) >> 7;
    }

    assertEquals(1024, interrupts, 1);
  }

  @Test
  void alarmMatchesItsTime() {
    write(5, 0x00);
    write(3, 0x00);
    write(1, 0x05);
    write(0x0b, 0x22);

    clock.advance(15 * SECOND - 1);
    boolean early = irq.level;
    clock.advance(1);

    assertFalse(early);
    assertTrue(irq.level);
    assertEquals(0xa0, read(0x0c) & 0xa0);
  }

  @Test
  void alarmWithAnyHourAndMinuteComesEveryMinute() {
    write(5, 0xff);
    write(3, 0xff);
    write(1, 0x30);
    write(0x0b, 0x22);
    clock.advance(40 * SECOND);
    int first = read(0x0c);

    clock.advance(60 * SECOND);

    assertEquals(0xa0, first & 0xa0);
    assertEquals(0xa0, read(0x0c) & 0xa0);
    assertEquals(2, irq.edges);
  }

  @Test
  void alarmsWakeTheMachineOnceEachWhereTheyInterrupt() {
    write(5, 0xff);
    write(3, 0xff);
    write(1, 0x30);
    clock.advance(60 * SECOND);
    read(0x0c);
    assertEquals(0, wakes, "without the interrupt");

    write(0x0b, 0x22);
    clock.advance(60 * SECOND);
    assertEquals(1, wakes);
    clock.advance(60 * SECOND);
    assertEquals(1, wakes, "the first interrupt still stands");

    read(0x0c);
    clock.advance(60 * SECOND);
    assertEquals(2, wakes);
  }

  @Test
  void flagsAreSetWithoutInterruptsToo() {
    clock.advance(3 * SECOND);

    assertEquals(0x10, read(0x0c) & 0x90);
    assertEquals(0, irq.edges);
  }

  @Test
  void memoryAndNmiMaskAreKept() {
    rtc.setCmos(0x34, 0xab);
    ports.write(0x70, 1, 0x80 | 0x34);

    assertEquals(0xab, ports.read(0x71, 1));
    assertTrue(rtc.isNmiMasked());
    assertEquals(0x80, read(0x0d));
  }

  @Test
  void resetKeepsMemoryAndStopsInterrupts() {
    rtc.setCmos(0x34, 0xab);
    write(0x0b, 0x12);
    clock.advance(SECOND);

    rtc.reset();

    assertFalse(irq.level);
    assertEquals(0x02, read(0x0b));
    assertEquals(0xab, read(0x34));
  }

  @Test
  void restoreKeepsTheGuestsOffset() {
    write(9, 0x30);
    SectionBuffer saved = new SectionBuffer();
    rtc.save(saved);
    Mc146818Rtc other = new Mc146818Rtc(new ManualClock(START.plusSeconds(60)), irq, () -> wakes++);
    PortBus otherPorts = new PortBus();
    other.register(otherPorts);

    other.restore(saved.reader());

    otherPorts.write(0x70, 1, 9);
    assertEquals(0x31, otherPorts.read(0x71, 1));
  }
}
