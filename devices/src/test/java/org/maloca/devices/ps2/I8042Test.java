package org.maloca.devices.ps2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.HostileGuest;
import org.maloca.devices.RecordingLine;

class I8042Test {
  private final PortBus ports = new PortBus();
  private final RecordingLine keyboardIrq = new RecordingLine();
  private final RecordingLine mouseIrq = new RecordingLine();
  private final Lines lines = new Lines();
  private final A20Gate a20 = new A20Gate(lines);
  private final I8042 controller = new I8042(keyboardIrq, mouseIrq, a20);

  private static final class Lines implements SystemLines {
    boolean isA20Enabled = true;
    int resets;

    @Override
    public void a20Changed(boolean isEnabled) {
      isA20Enabled = isEnabled;
    }

    @Override
    public void reset() {
      resets++;
    }
  }

  I8042Test() {
    controller.register(ports);
    new SystemControlPort(a20).register(ports);
  }

  private void command(int value) {
    ports.write(0x64, 1, value);
  }

  private void data(int value) {
    ports.write(0x60, 1, value);
  }

  private void mouseCommand(int value) {
    command(0xd4);
    data(value);
  }

  /** Reads all that waits, at most 32 bytes. */
  private int[] drain() {
    int[] bytes = new int[32];
    int count = 0;
    while ((ports.read(0x64, 1) & 1) != 0 && count < bytes.length) {
      bytes[count++] = (int) ports.read(0x60, 1);
    }
    return java.util.Arrays.copyOf(bytes, count);
  }

  private static int[] bytes(int... values) {
    return values;
  }

  @Test
  void answersTheSelfTests() {
    command(0xaa);
    assertArrayEquals(bytes(0x55), drain());
    command(0xab);
    assertArrayEquals(bytes(0x00), drain());
    command(0xa9);
    assertArrayEquals(bytes(0x00), drain());
    assertEquals(0x04, ports.read(0x64, 1) & 0x04);
  }

  @Test
  void commandByteReadsBackAndFollowsTheMouseSwitches() {
    command(0x60);
    data(0x47);
    command(0xa7);
    command(0x20);
    assertArrayEquals(bytes(0x67), drain());
    command(0xa8);
    command(0x20);
    assertArrayEquals(bytes(0x47), drain());
  }

  @Test
  void mouseLoopCarriesTheMouseMarkAndInterrupt() {
    command(0xd3);
    data(0xa5);
    assertEquals(0x21, ports.read(0x64, 1) & 0x21);
    assertTrue(mouseIrq.level);
    assertArrayEquals(bytes(0xa5), drain());
    assertFalse(mouseIrq.level);
    assertEquals(0, keyboardIrq.edges);
  }

  @Test
  void keyboardIdentifiesItselfThroughTranslation() {
    data(0xf2);
    assertArrayEquals(bytes(0xfa, 0xab, 0x41), drain());
  }

  @Test
  void keyboardResetReportsItsTest() {
    data(0xff);
    assertArrayEquals(bytes(0xfa, 0xaa), drain());
  }

  @Test
  void ledsFollowTheGuest() {
    data(0xed);
    data(0x05);
    assertArrayEquals(bytes(0xfa), java.util.Arrays.copyOf(drain(), 1));
    assertEquals(5, controller.leds());
  }

  @Test
  void keysArriveInSet1WhenTranslatedWithAnEdgePerByte() {
    controller.key(0x1e, true);
    controller.key(0x1e, false);
    controller.key(0xe048, true);
    controller.key(0xe048, false);
    controller.key(0x41, true);
    assertArrayEquals(bytes(0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8, 0x41), drain());
    assertEquals(7, keyboardIrq.edges);
    assertFalse(keyboardIrq.level);
  }

  @Test
  void keysArriveInSet2WhenNotTranslated() {
    command(0x60);
    data(0x05);
    controller.key(0x1e, true);
    controller.key(0x1e, false);
    controller.key(0xe048, false);
    controller.key(0x41, true);
    assertArrayEquals(bytes(0x1c, 0xf0, 0x1c, 0xe0, 0xf0, 0x75, 0x83), drain());
  }

  @Test
  void pauseHasItsOwnSequence() {
    controller.key(0xe11d, true);
    controller.key(0xe11d, false);
    assertArrayEquals(bytes(0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5), drain());
  }

  @Test
  void everyTranslatedKeyComesBackAsItself() {
    for (int key = 1; key < 0x80; key++) {
      controller.key(key, true);
      controller.key(key, false);
      assertArrayEquals(bytes(key, key | 0x80), drain());
    }
  }

  @Test
  void switchedOffKeyboardKeepsItsKeysForLater() {
    command(0xad);
    controller.key(0x10, true);
    assertArrayEquals(bytes(), drain());
    command(0xae);
    assertArrayEquals(bytes(0x10), drain());
  }

  @Test
  void keysAreRefusedWhenTooManyWait() {
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += controller.key(0x1e, true) ? 1 : 0;
    }
    assertEquals(taken, drain().length);
    assertTrue(taken >= 16);
  }

  @Test
  void mouseResetsAndTellsItsIdentity() {
    mouseCommand(0xff);
    assertArrayEquals(bytes(0xfa, 0xaa, 0x00), drain());
    mouseCommand(0xf2);
    assertArrayEquals(bytes(0xfa, 0x00), drain());
  }

  @Test
  void mouseGrowsAWheelAfterTheKnock() {
    for (int rate : bytes(200, 100, 80)) {
      mouseCommand(0xf3);
      mouseCommand(rate);
    }
    drain();
    mouseCommand(0xf2);
    assertArrayEquals(bytes(0xfa, 0x03), drain());
    mouseCommand(0xf4);
    drain();
    controller.mouse(0, 0, -1, 0);
    assertArrayEquals(bytes(0x08, 0, 0, 0xff), drain());
  }

  @Test
  void mousePacketsAddUpToTheMovement() {
    mouseCommand(0xf4);
    drain();
    controller.mouse(300, 5, 0, 1);
    assertArrayEquals(bytes(0x29, 255, 0xfb, 0x09, 45, 0), drain());
  }

  @Test
  void silentMouseForgetsMovement() {
    controller.mouse(10, 10, 0, 0);
    mouseCommand(0xf4);
    assertArrayEquals(bytes(0xfa), drain());
  }

  @Test
  void gateAndResetCanBeReachedFromBothPorts() {
    command(0xd1);
    data(0xdd);
    assertFalse(lines.isA20Enabled);
    assertEquals(0, ports.read(0x92, 1) & 2);
    ports.write(0x92, 1, 2);
    assertTrue(lines.isA20Enabled);
    command(0xd0);
    assertEquals(0x03, drain()[0] & 0x03);
    command(0xfe);
    ports.write(0x92, 1, 3);
    command(0xd1);
    data(0xfe);
    assertEquals(3, lines.resets);
  }

  @Test
  void snapshotKeepsWaitingBytesWithoutAnEdge() {
    controller.key(0xe048, true);
    mouseCommand(0xf4);
    SectionBuffer snapshot = new SectionBuffer();
    controller.save(snapshot);
    controller.reset();
    int edges = keyboardIrq.edges;

    controller.restore(snapshot.reader());

    assertEquals(edges, keyboardIrq.edges);
    assertTrue(keyboardIrq.level);
    assertArrayEquals(bytes(0xe0, 0x48, 0xfa), drain());
  }

  @Test
  void survivesAHostileGuestAndUser() {
    IoHandler both =
        new IoHandler() {
          private int turn;

          @Override
          public long read(int offset, int size) {
            controller.key(turn * 77 & 0xffff, (turn++ & 1) == 0);
            return ports.read(0x60 + 4 * (offset & 1), size);
          }

          @Override
          public void write(int offset, int size, long value) {
            controller.mouse((int) value, (int) (value >> 16), (int) (value >> 8), turn);
            ports.write(0x60 + 4 * (offset & 1), size, value);
          }
        };
    HostileGuest.hammer(both, 2, 4, 5);
    controller.reset();
    assertEquals(0x14, ports.read(0x64, 1));
    assertFalse(keyboardIrq.level);
  }
}
