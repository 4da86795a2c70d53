package org.maloca.devices.virtio.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioConsoleTest {
  private static final long SIZE = 1;
  private static final long MULTIPORT = 2;

  private static final class Wire implements CharBackend {
    final BlockingQueue<Byte> sent = new LinkedBlockingQueue<>();
    Receiver receiver;

    @Override
    public void transmit(byte value) {
      sent.add(value);
    }

    @Override
    public void connect(Receiver device) {
      receiver = device;
    }

    String await(int length) throws InterruptedException {
      StringBuilder text = new StringBuilder();
      while (text.length() < length) {
        Byte value = sent.poll(30, TimeUnit.SECONDS);
        if (value == null) {
          throw new AssertionError("only '%s' came".formatted(text));
        }
        text.append((char) (byte) value);
      }
      return text.toString();
    }
  }

  private final Wire first = new Wire();
  private final Wire second = new Wire();
  private VirtioConsole console;
  private final VirtioDriver driver =
      new VirtioDriver(memory -> {
        console =
            new VirtioConsole(
                "console0",
                memory,
                List.of(
                    new VirtioConsole.PortOptions("", true, first),
                    new VirtioConsole.PortOptions("org.example.agent", false, second)),
                true);
        return console;
      });

  @AfterEach
  void close() {
    driver.close();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] control(int port, int event, int value) {
    return new byte[] {(byte) port, 0, 0, 0, (byte) event, 0, (byte) value, 0};
  }

  @ParameterizedTest
  @EnumSource
  void carriesBytesBothWays(RingKind kind) throws InterruptedException {
    driver.negotiate(kind, SIZE);
    DriverRing in = driver.ring(0, 16);
    DriverRing out = driver.ring(1, 16);
    driver.start();
    out.send(driver.out(ascii("hello, ")), driver.out(ascii("world")));
    assertEquals("hello, world", first.await(12));
    out.await();

    assertEquals(0, first.receiver.receive(ascii("typed"), 0, 5), "nowhere to put it");
    DriverRing.Piece three = driver.in(3);
    in.send(three);
    first.receiver.awaitRoom();
    assertEquals(3, first.receiver.receive(ascii("typed"), 0, 5));
    assertEquals(3, in.await().written());
    assertArrayEquals(ascii("typ"), driver.bytes(three));
    assertEquals(80, driver.config(0, 2));
    console.resize(0, 132, 43);
    driver.awaitInterrupt(2);
    assertEquals(132 | 43 << 16, driver.config(0, 4));
  }

  @Test
  void portsAreAnnouncedNamedAndOpened() throws InterruptedException {
    driver.negotiate(RingKind.SPLIT, MULTIPORT);
    DriverRing controlIn = driver.ring(2, 16);
    DriverRing controlOut = driver.ring(3, 16);
    DriverRing in = driver.ring(4, 16);
    DriverRing out = driver.ring(5, 16);
    driver.start();
    assertEquals(2, driver.config(4, 4));
    say(controlOut, control(0, 0, 1));
    assertArrayEquals(control(0, 1, 0), next(controlIn, 8));
    assertArrayEquals(control(1, 1, 0), next(controlIn, 8));
    say(controlOut, control(0, 3, 1));
    assertArrayEquals(control(0, 4, 1), next(controlIn, 8));
    assertArrayEquals(control(0, 6, 1), next(controlIn, 8));
    say(controlOut, control(1, 3, 1));
    byte[] name = next(controlIn, 100);
    assertArrayEquals(control(1, 7, 1), Arrays.copyOf(name, 8));
    assertArrayEquals(ascii("org.example.agent"), Arrays.copyOfRange(name, 8, 25));
    assertArrayEquals(control(1, 6, 1), next(controlIn, 8));

    in.send(driver.in(10));
    assertEquals(0, second.receiver.receive(ascii("x"), 0, 1), "nobody has it open");
    say(controlOut, control(1, 6, 1));
    second.receiver.awaitRoom();
    assertEquals(1, second.receiver.receive(ascii("x"), 0, 1));
    out.send(driver.out(ascii("agent")));
    assertEquals("agent", second.await(5));
    console.resize(0, 100, 30);
    assertArrayEquals(new byte[] {0, 0, 0, 0, 5, 0, 0, 0, 100, 0, 30, 0}, next(controlIn, 12));
    say(controlOut, control(77, 3, 1));
    say(controlOut, new byte[3]);
  }

  /** Sends a control message, and waits until it was heard. */
  private void say(DriverRing controlOut, byte[] message) {
    controlOut.send(driver.out(message));
    controlOut.await();
  }

  private byte[] next(DriverRing ring, int length) {
    DriverRing.Piece room = driver.in(length);
    ring.send(room);
    int written = ring.await().written();
    assertTrue(written >= 8);
    return Arrays.copyOf(driver.bytes(room), written);
  }

  @Test
  void comesBackFromASnapshotWithWhatWasNotToldYet() {
    driver.negotiate(RingKind.PACKED, MULTIPORT);
    DriverRing controlIn = driver.ring(2, 16);
    DriverRing controlOut = driver.ring(3, 16);
    driver.start();
    say(controlOut, control(0, 0, 1));
    driver.registers().pause();
    SnapshotReader snapshot = driver.save();
    driver.registers().reset();
    driver.registers().restore(snapshot);
    driver.registers().resume();
    assertArrayEquals(control(0, 1, 0), next(controlIn, 8));
    assertArrayEquals(control(1, 1, 0), next(controlIn, 8));
  }
}
