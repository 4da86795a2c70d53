package org.maloca.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Register numbers and bits are written out, from the data sheet. */
class Uart16550Test {
  private final Uart16550 uart = new Uart16550();

  @Test
  void resetLeavesAnIdleTransmitterAndNoInterrupt() {
    assertEquals(0x60, uart.read(5));
    assertEquals(0x01, uart.read(2));
    assertEquals(0xb0, uart.read(6));
  }

  @Test
  void divisorIsBehindDlab() {
    uart.write(3, 0x83);
    uart.write(0, 0x0c);
    uart.write(1, 0x34);
    assertEquals(0x0c, uart.read(0));
    assertEquals(0x34, uart.read(1));
    uart.write(3, 0x03);
    assertEquals(0, uart.read(1));
  }

  @Test
  void writtenByteLeavesAtOnce() {
    assertEquals('A', uart.write(0, 'A'));
    assertEquals(0x60, uart.read(5));
  }

  @Test
  void enablingTheTransmitInterruptRaisesItEachTime() {
    uart.write(4, 0x08);
    uart.write(1, 0x02);
    assertTrue(uart.interrupt());
    assertEquals(0x02, uart.read(2));
    assertEquals(0x01, uart.read(2));
    assertFalse(uart.interrupt());
    uart.write(1, 0x00);
    uart.write(1, 0x02);
    assertEquals(0x02, uart.read(2));
  }

  @Test
  void transmitInterruptComesBackAfterAByte() {
    uart.write(1, 0x02);
    uart.read(2);
    uart.write(0, 'x');
    assertEquals(0x02, uart.read(2));
  }

  @Test
  void fifoControlShowsA16550A() {
    uart.write(2, 0x01);
    assertEquals(0xc1, uart.read(2));
    uart.write(2, 0x00);
    assertEquals(0x01, uart.read(2));
  }

  @Test
  void onlyFourInterruptEnableBitsExist() {
    uart.write(1, 0xff);
    assertEquals(0x0f, uart.read(1));
  }

  @Test
  void triggerLevelSeparatesDataFromTimeout() {
    uart.write(2, 0x41);
    uart.write(1, 0x01);
    uart.receive(1);
    assertEquals(0xcc, uart.read(2));
    uart.receive(2);
    uart.receive(3);
    uart.receive(4);
    assertEquals(0xc4, uart.read(2));
    uart.read(0);
    assertEquals(0xcc, uart.read(2));
  }

  @Test
  void lineStatusGoesBeforeDataBeforeTransmit() {
    uart.write(1, 0x07);
    uart.receive(1);
    uart.receive(2);
    assertEquals(0x06, uart.read(2));
    assertEquals(0x63, uart.read(5));
    assertEquals(0x04, uart.read(2));
    assertEquals(2, uart.read(0));
    assertEquals(0x02, uart.read(2));
  }

  @Test
  void fullFifoLosesTheNewcomer() {
    uart.write(2, 0x01);
    for (int i = 0; i < 17; i++) {
      uart.receive(i);
    }
    assertEquals(0, uart.room());
    assertEquals(0x63, uart.read(5));
    assertEquals(0x61, uart.read(5));
    for (int i = 0; i < 16; i++) {
      assertEquals(i, uart.read(0));
    }
    assertEquals(0x60, uart.read(5));
  }

  @Test
  void fifoResetEmptiesTheReceiver() {
    uart.write(2, 0x01);
    uart.receive(1);
    uart.write(2, 0x03);
    assertEquals(16, uart.room());
    assertEquals(0x60, uart.read(5));
  }

  @Test
  void loopbackTurnsModemOutputsIntoInputs() {
    uart.write(4, 0x1a);
    assertEquals(0x90, uart.read(6) & 0xf0);
    uart.write(4, 0x15);
    assertEquals(0x60, uart.read(6) & 0xf0);
  }

  @Test
  void loopbackReturnsBytesAndSendsNone() {
    uart.write(4, 0x10);
    assertEquals(Uart16550.NOTHING_SENT, uart.write(0, 0x5a));
    assertEquals(0x5a, uart.read(0));
  }

  @Test
  void modemStatusReportsDeltasOnce() {
    uart.write(4, 0x14);
    uart.read(6);
    uart.write(1, 0x08);
    uart.write(4, 0x11);
    assertEquals(0x00, uart.read(2));
    assertEquals(0x26, uart.read(6));
    assertEquals(0x20, uart.read(6));
    assertEquals(0x01, uart.read(2));
  }

  @Test
  void interruptPinNeedsOut2() {
    uart.write(1, 0x02);
    assertFalse(uart.interrupt());
    uart.write(4, 0x08);
    assertTrue(uart.interrupt());
    uart.write(4, 0x18);
    assertFalse(uart.interrupt());
  }

  @Test
  void scratchKeepsItsByte() {
    uart.write(7, 0xae);
    assertEquals(0xae, uart.read(7));
  }
}
