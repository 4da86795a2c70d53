package org.maloca.devices.pm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.RecordingLine;

class AcpiPmBlockTest {
  private static final int BASE = 0x600;
  private static final int ENABLE = BASE + 2;
  private static final int CONTROL = BASE + 4;
  private static final int GPE = BASE + 0x20;
  private static final int POWER_BUTTON = 1 << 8;
  private static final int RTC = 1 << 10;

  private final ManualClock clock = new ManualClock();
  private final RecordingLine sci = new RecordingLine();
  private final Events events = new Events();
  private final AcpiPmBlock pm = new AcpiPmBlock(clock, sci, events);
  private final PortBus ports = new PortBus();

  private static final class Events implements PowerEvents {
    int powerOffs;
    int resets;

    @Override
    public void powerOff() {
      powerOffs++;
    }

    @Override
    public void reset() {
      resets++;
    }
  }

  AcpiPmBlockTest() {
    pm.register(ports, BASE);
  }

  @Test
  void timerRunsAtItsFrequency() {
    clock.advance(2_000_000_000);

    assertEquals(7_159_090, ports.read(BASE + 8, 4));
    assertEquals(7_159_090 & 0xffff, ports.read(BASE + 8, 2));
  }

  @Test
  void narrowTimerWraps() {
    AcpiPmTimer timer = new AcpiPmTimer(clock, 24);

    clock.advance(5_000_000_000L);

    assertEquals(17_897_725 & 0xff_ffff, timer.value());
  }

  @Test
  void alarmOfTheClockInterruptsWhereItIsEnabled() {
    pm.rtcAlarmed();
    assertFalse(sci.level);

    ports.write(ENABLE, 2, RTC);
    assertTrue(sci.level);

    ports.write(BASE, 2, RTC);
    assertFalse(sci.level);
  }

  @Test
  void timerInterruptsWhenItsTopBitChanges() {
    ports.write(ENABLE, 2, 1);

    clock.advance(599_930_000_000L);
    boolean early = sci.level;
    clock.advance(10_000_000);

    assertFalse(early);
    assertTrue(sci.level);
    ports.write(BASE, 2, 1);
    assertFalse(sci.level);
  }

  @Test
  void powerButtonInterruptsWhenEnabled() {
    boolean heardEarly = pm.pressPowerButton();
    boolean early = sci.level;

    ports.write(ENABLE, 2, POWER_BUTTON);

    assertFalse(heardEarly);
    assertFalse(early);
    assertTrue(sci.level);
    assertTrue(pm.pressPowerButton());
    assertEquals(POWER_BUTTON, ports.read(BASE, 2));
    ports.write(BASE, 2, POWER_BUTTON);
    assertFalse(sci.level);
  }

  @Test
  void generalPurposeEventInterruptsUntilCleared() {
    ports.write(GPE + 2, 2, 0x8002);

    pm.raiseGpe(15);
    boolean raised = sci.level;
    ports.write(GPE, 2, 0x8000);

    assertTrue(raised);
    assertFalse(sci.level);
  }

  @Test
  void softOffPowersOffOnce() {
    ports.write(CONTROL, 2, AcpiPmBlock.SLP_TYP_S5 << 10 | 1);
    int before = events.powerOffs;

    ports.write(CONTROL, 2, AcpiPmBlock.SLP_TYP_S5 << 10 | 1 << 13 | 1);

    assertEquals(0, before);
    assertEquals(1, events.powerOffs);
    assertEquals(1, ports.read(CONTROL, 2));
  }

  @Test
  void otherSleepTypesDoNothing() {
    ports.write(CONTROL, 2, 3 << 10 | 1 << 13 | 1);

    assertEquals(0, events.powerOffs);
  }

  @Test
  void resetRegisterResets() {
    ResetControl reset = new ResetControl(events);

    reset.write(0, 1, 0x02);
    int before = events.resets;
    reset.write(0, 1, 0x06);

    assertEquals(0, before);
    assertEquals(1, events.resets);
    assertEquals(0x02, reset.read(0, 1) & 0xff);
  }

  @Test
  void restoreKeepsTimerAndInterrupt() {
    ports.write(ENABLE, 2, POWER_BUTTON);
    pm.pressPowerButton();
    clock.advance(1_000_000_000);
    SectionBuffer saved = new SectionBuffer();
    pm.save(saved);
    RecordingLine otherSci = new RecordingLine();
    AcpiPmBlock other = new AcpiPmBlock(new ManualClock(), otherSci, events);

    other.restore(saved.reader());

    assertTrue(otherSci.level);
    assertEquals(0, otherSci.edges);
    assertEquals(3_579_545, other.read(AcpiPmBlock.PM_TIMER, 4));
  }
}
