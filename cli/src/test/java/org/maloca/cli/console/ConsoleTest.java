package org.maloca.cli.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.maloca.core.backend.CharBackend;

@Timeout(60)
final class ConsoleTest {
  private static final HostConsole.Events NO_EVENTS = new Events(new CountDownLatch(1));

  private record Events(CountDownLatch lost) implements HostConsole.Events {
    @Override
    public void leave() {}

    @Override
    public void hungUp() {}

    @Override
    public void reset() {}

    @Override
    public void pressPowerButton() {}

    @Override
    public List<String> statistics() {
      return List.of();
    }

    @Override
    public void outputLost() {
      lost.countDown();
    }
  }

  /** Takes a byte at a time, as a UART without FIFO. */
  private static final class OneByteDevice implements CharBackend.Receiver {
    final LinkedBlockingQueue<Byte> received = new LinkedBlockingQueue<>();

    @Override
    public int receive(byte[] bytes, int offset, int length) {
      received.add(bytes[offset]);
      return 1;
    }

    @Override
    public void awaitRoom() {}

    byte[] take(int count) throws InterruptedException {
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = received.take();
      }
      return bytes;
    }
  }

  private final OneByteDevice device = new OneByteDevice();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  private StreamConsole console(String input, boolean isLinuxGuest) {
    byte[] bytes = input.getBytes(StandardCharsets.ISO_8859_1);
    StreamConsole console =
        new StreamConsole(new ByteArrayInputStream(bytes), output, isLinuxGuest);
    console.connect(device);
    return console;
  }

  @Test
  void passesInputUnchangedToAnyGuest() throws Exception {
    StreamConsole console = console("a\004b", false);
    console.start(NO_EVENTS);
    assertArrayEquals(new byte[] {'a', 4, 'b'}, device.take(3));
    assertTrue(device.received.isEmpty());
  }

  @Test
  void holdsInputUntilTheLinuxGuestIsReady() throws Exception {
    StreamConsole console = console("ls\n", true);
    console.start(NO_EVENTS);
    assertFalse(console.isGuestReady());
    assertTrue(device.received.isEmpty());
    console.transmit((byte) 5);
    assertArrayEquals(new byte[] {'l', 's', '\n', 4}, device.take(4));
    assertTrue(console.isGuestReady());
  }

  @Test
  void endsAnUnfinishedLineBeforeTheInput() throws Exception {
    StreamConsole console = console("ls", true);
    console.transmit((byte) 5);
    console.start(NO_EVENTS);
    assertArrayEquals(new byte[] {'l', 's', 4, 4}, device.take(4));
  }

  @Test
  void quotesTheBytesThatATerminalLineTakesForItself() throws Exception {
    StreamConsole console = console("\004\026\n", true);
    console.transmit((byte) 5);
    console.start(NO_EVENTS);
    assertArrayEquals(new byte[] {0x16, 4, 0x16, 0x16, '\n', 4}, device.take(6));
  }

  @Test
  void endsTheInputAgainForAGuestThatRestarted() throws Exception {
    StreamConsole console = console("", true);
    console.transmit((byte) 5);
    console.start(NO_EVENTS);
    assertArrayEquals(new byte[] {4}, device.take(1));
    console.guestReset();
    console.transmit((byte) 5);
    assertArrayEquals(new byte[] {4}, device.take(1));
  }

  @Test
  void writesAllOutputBeforeItCloses() {
    StreamConsole console = console("", false);
    for (int i = 0; i < 200_000; i++) {
      console.transmit((byte) i);
    }
    console.close();
    assertEquals(200_000, output.size());
  }

  @Test
  void showsTheSignOfReadinessToNobody() {
    StreamConsole console = console("", true);
    console.transmit((byte) 'x');
    console.transmit((byte) 5);
    console.transmit((byte) 5);
    console.close();
    assertArrayEquals(new byte[] {'x', 5}, output.toByteArray());
  }

  @Test
  void tellsWhenNobodyTakesTheOutput() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("broken pipe");
          }
        };
    StreamConsole console = new StreamConsole(new ByteArrayInputStream(new byte[0]), broken, false);
    Events events = new Events(new CountDownLatch(1));
    console.start(events);
    console.transmit((byte) 1);
    events.lost().await();
    console.close();
    assertEquals(0, events.lost().getCount());
  }

  @Test
  void findsTheEscapeKeyAndWhatFollows() {
    EscapeKey key = new EscapeKey();
    assertEquals(EscapeKey.Action.SEND, key.typed((byte) 3));
    assertEquals(EscapeKey.Action.PROMPT, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.SEND, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.PROMPT, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.NOTHING, key.typed((byte) 'z'));
    assertEquals(EscapeKey.Action.PROMPT, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.STATISTICS, key.typed((byte) 's'));
    assertEquals(EscapeKey.Action.SEND, key.typed((byte) 'q'));
    assertEquals(EscapeKey.Action.PROMPT, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.LEAVE, key.typed((byte) 'q'));
    assertEquals(EscapeKey.Action.PROMPT, key.typed((byte) 0x1d));
    assertEquals(EscapeKey.Action.RESET, key.typed((byte) 'r'));
  }

  @Test
  void sendsTheWindowSizeAtEachLineAndEachChange() throws Exception {
    WindowSizeChannel channel = new WindowSizeChannel(24, 80);
    channel.connect(device);
    channel.transmit((byte) '\n');
    assertEquals("24 80\n", new String(device.take(6), StandardCharsets.US_ASCII));
    channel.resized(50, 132);
    assertEquals("50 132\n", new String(device.take(7), StandardCharsets.US_ASCII));
  }
}
