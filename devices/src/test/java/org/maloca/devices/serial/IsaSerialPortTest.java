package org.maloca.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.HostileGuest;
import org.maloca.devices.RecordingBackend;
import org.maloca.devices.RecordingLine;

class IsaSerialPortTest {
  private final PortBus ports = new PortBus();
  private final RecordingLine irq = new RecordingLine();
  private final RecordingBackend backend = new RecordingBackend();
  private final IsaSerialPort port = new IsaSerialPort("com1", irq, backend);

  IsaSerialPortTest() {
    port.register(ports, 0x3f8);
  }

  private void enableFifosAndReceiveInterrupt() {
    ports.write(0x3fa, 1, 0x01);
    ports.write(0x3fc, 1, 0x08);
    ports.write(0x3f9, 1, 0x01);
  }

  @Test
  void outputReachesTheHost() {
    ports.write(0x3f8, 1, 'h');
    ports.write(0x3f8, 1, 'i');
    assertEquals("hi", backend.text());
  }

  @Test
  void hostIsTakenFromOnlyWhileThereIsRoom() {
    enableFifosAndReceiveInterrupt();
    int taken = port.receive(new byte[20], 0, 20);
    assertEquals(16, taken);
    assertEquals(0x61, ports.read(0x3fd, 1));
    ports.read(0x3f8, 1);
    assertEquals(1, port.receive(new byte[4], 0, 4));
  }

  @Test
  void inputRaisesTheLineUntilItIsRead() {
    enableFifosAndReceiveInterrupt();
    port.receive(new byte[] {'x', 'a'}, 1, 1);
    assertTrue(irq.level);
    assertEquals('a', ports.read(0x3f8, 1));
    assertFalse(irq.level);
    assertEquals(1, irq.edges);
  }

  @Test
  @Timeout(10)
  void hostWaitsForRoom() throws InterruptedException {
    port.receive(new byte[1], 0, 1);
    CountDownLatch hasRoom = new CountDownLatch(1);
    Thread host =
        Thread.ofVirtual()
            .start(() -> {
              try {
                port.awaitRoom();
                hasRoom.countDown();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
    ports.read(0x3f8, 1);
    hasRoom.await();
    host.join();
    assertEquals(1, port.receive(new byte[1], 0, 1));
  }

  @Test
  void wideAccessesRunOverConsecutiveRegisters() {
    ports.write(0x3fb, 4, 0x5a_00_0b_03);
    assertEquals(0x03, ports.read(0x3fb, 1));
    assertEquals(0x0b, ports.read(0x3fc, 1));
    assertEquals(0xff00, ports.read(0x3ff, 2) & 0xff00);
  }

  @Test
  void snapshotKeepsInputAndLevelWithoutAnEdge() {
    enableFifosAndReceiveInterrupt();
    port.receive(new byte[] {1, 2, 3}, 0, 3);
    SectionBuffer snapshot = new SectionBuffer();
    port.save(snapshot);
    RecordingLine otherIrq = new RecordingLine();
    IsaSerialPort other = new IsaSerialPort("com1", otherIrq, backend);

    other.restore(snapshot.reader());

    assertTrue(otherIrq.level);
    assertEquals(0, otherIrq.edges);
    assertEquals(1, other.read(0, 1));
    assertEquals(2, other.read(0, 1));
    assertEquals(3, other.read(0, 1));
    assertFalse(otherIrq.level);
  }

  @Test
  void survivesAHostileGuest() {
    HostileGuest.hammer(port, 8, 4, 1);
    port.reset();
    assertEquals(0x60, ports.read(0x3fd, 1));
    assertFalse(irq.level);
  }
}
