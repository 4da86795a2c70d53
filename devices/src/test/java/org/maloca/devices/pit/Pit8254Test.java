package org.maloca.devices.pit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class Pit8254Test {
  private final Pit8254 pit = new Pit8254();

  /** Programs counter 2, low then high byte, at tick 0; it starts to count at tick 1. */
  private void program(int mode, int count) {
    pit.write(Pit8254.CONTROL, 2 << 6 | 0x30 | mode << 1, 0);
    pit.write(2, count & 0xff, 0);
    pit.write(2, count >> 8, 0);
  }

  private int latched(long tick) {
    pit.write(Pit8254.CONTROL, 2 << 6, tick);
    return pit.read(2, tick) | pit.read(2, tick) << 8;
  }

  private void openGate() {
    pit.setGate(2, true, 0);
  }

  @Test
  void mode0RisesAtTerminalCountAndCountsOn() {
    openGate();
    program(0, 10);

    assertFalse(pit.out(2, 10));
    assertTrue(pit.out(2, 11));
    assertEquals(11, pit.nextRise(2, 0));
    assertEquals(Pit8254.NEVER, pit.nextRise(2, 11));
    assertEquals(0xffff, latched(12));
  }

  @Test
  void mode0PausesWhileTheGateIsLow() {
    openGate();
    program(0, 10);
    pit.setGate(2, false, 5);

    pit.setGate(2, true, 105);

    assertEquals(111, pit.nextRise(2, 105));
  }

  @Test
  void mode1IsAOneShotByItsGate() {
    program(1, 10);
    assertTrue(pit.out(2, 5));

    pit.setGate(2, true, 5);

    assertFalse(pit.out(2, 6));
    assertFalse(pit.out(2, 15));
    assertTrue(pit.out(2, 16));
  }

  @Test
  void mode2IsLowForOneTickAPeriod() {
    openGate();
    program(2, 10);

    assertTrue(pit.out(2, 9));
    assertFalse(pit.out(2, 10));
    assertTrue(pit.out(2, 11));
    assertEquals(21, pit.nextRise(2, 11));
    assertEquals(7, latched(14));
  }

  @Test
  void mode2TakesANewCountAfterThePeriod() {
    openGate();
    program(2, 10);

    pit.write(2, 20, 5);
    pit.write(2, 0, 5);

    assertEquals(11, pit.nextRise(2, 5));
    assertEquals(31, pit.nextRise(2, 11));
  }

  @Test
  void mode3IsASquareWaveThatCountsByTwo() {
    openGate();
    program(3, 10);

    assertTrue(pit.out(2, 5));
    assertFalse(pit.out(2, 6));
    assertTrue(pit.out(2, 11));
    assertEquals(6, latched(3));
    assertEquals(6, latched(8));
  }

  @Test
  void mode4StrobesOnce() {
    openGate();
    program(4, 10);

    assertTrue(pit.out(2, 10));
    assertFalse(pit.out(2, 11));
    assertTrue(pit.out(2, 12));
    assertEquals(12, pit.nextRise(2, 0));
  }

  @Test
  void mode5StrobesAfterItsTrigger() {
    program(5, 10);

    pit.setGate(2, true, 100);

    assertTrue(pit.out(2, 110));
    assertFalse(pit.out(2, 111));
    assertTrue(pit.out(2, 112));
  }

  @Test
  void zeroCountsAsTheModulus() {
    openGate();
    program(2, 0);

    assertEquals(65_536, pit.periodTicks(2));
    assertEquals(65_537, pit.nextRise(2, 0));
  }

  @Test
  void bcdCountsInDecimal() {
    openGate();
    pit.write(Pit8254.CONTROL, 2 << 6 | 0x30 | 2 << 1 | 1, 0);
    pit.write(2, 0x00, 0);
    pit.write(2, 0x10, 0);

    assertEquals(1000, pit.periodTicks(2));
    assertEquals(0x0999, latched(2));
  }

  @Test
  void latchHoldsBothBytes() {
    openGate();
    program(2, 0x1234);
    pit.write(Pit8254.CONTROL, 2 << 6, 5);

    int low = pit.read(2, 100);
    int high = pit.read(2, 200);

    assertEquals(0x1230, high << 8 | low);
  }

  @Test
  void readBackGivesStatusThenCount() {
    openGate();
    program(3, 100);

    pit.write(Pit8254.CONTROL, 0xc0 | 1 << 3, 1);

    assertEquals(0x80 | 0x36, pit.read(2, 1));
    assertEquals(100, pit.read(2, 50));
    assertEquals(0, pit.read(2, 50));
  }

  @Test
  void statusTellsThatNoCountWasLoaded() {
    pit.write(Pit8254.CONTROL, 2 << 6 | 0x30, 0);

    pit.write(Pit8254.CONTROL, 0xe0 | 1 << 3, 1);

    assertEquals(0x40 | 0x30, pit.read(2, 1));
  }
}
