package org.maloca.devices.pit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.RecordingLine;

class IsaPitTest {
  private static final long SECOND = 1_000_000_000;

  private final ManualClock clock = new ManualClock();
  private final RecordingLine irq = new RecordingLine();
  private final IsaPit pit = new IsaPit(clock, irq);
  private final PortBus ports = new PortBus();

  IsaPitTest() {
    pit.register(ports);
    pit.reset();
  }

  private void program(int control, int count) {
    ports.write(0x43, 1, control);
    ports.write(0x40, 1, count & 0xff);
    ports.write(0x40, 1, count >> 8);
    irq.edges = 0;
  }

  @Test
  void periodicTicksDoNotDrift() {
    program(0x34, 11_932);

    clock.advance(1000 * SECOND);

    assertEquals(1_193_182_000L / 11_932, irq.edges);
  }

  @Test
  void squareWaveTicksOncePerPeriod() {
    program(0x36, 0);

    clock.advance(10 * SECOND);

    assertEquals(11_931_820 / 65_536, irq.edges);
  }

  @Test
  void oneShotTicksOnce() {
    program(0x30, 1193);

    clock.advance(SECOND);

    assertEquals(1, irq.edges);
    assertTrue(irq.level);
  }

  @Test
  void shortOneShotIsNotDelayed() {
    program(0x30, 5);

    clock.advance(6000);

    assertEquals(1, irq.edges);
  }

  @Test
  void shortestPeriodDoesNotFlood() {
    program(0x34, 2);

    clock.advance(SECOND);

    assertTrue(irq.edges > 1000 && irq.edges <= 20_000, "edges: " + irq.edges);
  }

  @Test
  void speakerCounterRunsBehindItsGate() {
    ports.write(0x61, 1, 0);
    ports.write(0x43, 1, 0xb0);
    ports.write(0x42, 1, 0xff);
    ports.write(0x42, 1, 0);
    clock.advance(SECOND);
    long closed = ports.read(0x61, 1) & 0x20;

    ports.write(0x61, 1, 1);
    clock.advance(300_000);

    assertEquals(0, closed);
    assertEquals(0x21, ports.read(0x61, 1) & 0x2f);
  }

  /** How Linux measures the TSC: the high byte falls by one every 256 ticks. */
  @Test
  void unlatchedReadsOfTheSpeakerCounterAlternateBetweenLowAndHighByte() {
    ports.write(0x61, 1, 1);
    ports.write(0x43, 1, 0xb0);
    ports.write(0x42, 1, 0xff);
    ports.write(0x42, 1, 0xff);
    ports.read(0x42, 1);
    long first = ports.read(0x42, 1);
    clock.advance(216_000);
    ports.read(0x42, 1);
    long second = ports.read(0x42, 1);

    assertEquals(0xff, first);
    assertEquals(0xfe, second);
  }

  /** And how it measures it when that failed: the output rises after 10 milliseconds. */
  @Test
  void speakerCounterShowsItsEndInPortB() {
    ports.write(0x61, 1, 1);
    ports.write(0x43, 1, 0xb0);
    ports.write(0x42, 1, 0x9b);
    ports.write(0x42, 1, 0x2e);
    clock.advance(9_990_000);
    long before = ports.read(0x61, 1) & 0x20;
    clock.advance(20_000);

    assertEquals(0, before);
    assertEquals(0x20, ports.read(0x61, 1) & 0x20);
  }

  @Test
  void refreshBitToggles() {
    long before = ports.read(0x61, 1) & 0x10;

    clock.advance(15_100);

    assertEquals(before ^ 0x10, ports.read(0x61, 1) & 0x10);
  }

  @Test
  void restoredTimerGoesOn() {
    program(0x34, 11_932);
    clock.advance(25_000_000);
    SectionBuffer saved = new SectionBuffer();
    pit.save(saved);
    ManualClock otherClock = new ManualClock();
    otherClock.advance(7 * SECOND);
    RecordingLine otherIrq = new RecordingLine();
    IsaPit other = new IsaPit(otherClock, otherIrq);

    other.restore(saved.reader());
    int edgesAtOnce = otherIrq.edges;
    otherClock.advance(SECOND);

    assertEquals(0, edgesAtOnce);
    assertEquals(100, otherIrq.edges, 1);
  }
}
