package org.maloca.devices.virtio.vsock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioVsockTest {
  private static final int REQUEST = 1;
  private static final int RESPONSE = 2;
  private static final int RST = 3;
  private static final int SHUTDOWN = 4;
  private static final int RW = 5;
  private static final int CREDIT_UPDATE = 6;
  private static final int CREDIT_REQUEST = 7;

  private record Packet(ByteBuffer header, byte[] payload) {
    int operation() {
      return header.getShort(30);
    }

    int hostPort() {
      return header.getInt(16);
    }
  }

  @TempDir Path folder;
  private VirtioDriver driver;
  private DriverRing rx;
  private DriverRing tx;
  private DriverRing events;
  private DriverRing.Piece room;

  @BeforeEach
  void start() {
    driver =
        new VirtioDriver(memory -> {
          try {
            return new VirtioVsock("vsock0", memory, 5, folder.resolve("v"), true);
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
    setUp();
  }

  private void setUp() {
    driver.negotiate(RingKind.SPLIT, 0);
    rx = driver.ring(0, 16);
    tx = driver.ring(1, 16);
    events = driver.ring(2, 16);
    driver.start();
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private byte[] packet(int hostPort, int operation, int flags, int credit, byte[] payload) {
    return ByteBuffer.allocate(44 + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(5)
        .putLong(2)
        .putInt(1111)
        .putInt(hostPort)
        .putInt(payload.length)
        .putShort((short) 1)
        .putShort((short) operation)
        .putInt(flags)
        .putInt(credit)
        .putInt(0)
        .put(payload)
        .array();
  }

  private void send(int hostPort, int operation, int flags, int credit, byte... payload) {
    tx.send(driver.out(packet(hostPort, operation, flags, credit, payload)));
    tx.await();
  }

  private Packet next() {
    DriverRing.Piece buffer = driver.in(4096);
    rx.send(buffer);
    int written = rx.await().written();
    byte[] bytes = driver.bytes(buffer);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(2, header.getLong(0));
    assertEquals(5, header.getLong(8));
    assertEquals(written - 44, header.getInt(24));
    return new Packet(header, Arrays.copyOfRange(bytes, 44, written));
  }

  private ServerSocketChannel listen(int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(folder.resolve("v_" + port)));
    return server;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String read(SocketChannel channel, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new AssertionError("the stream ended early");
      }
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII);
  }

  @Test
  void guestConnectsToTheHost() throws IOException {
    try (ServerSocketChannel server = listen(80)) {
      send(80, REQUEST, 0, 1000);
      assertEquals(RESPONSE, next().operation());
      try (SocketChannel host = server.accept()) {
        send(80, RW, 0, 1000, ascii("hello"));
        assertEquals("hello", read(host, 5));
        host.write(ByteBuffer.wrap(ascii("answer")));
        Packet answer = next();
        assertEquals(RW, answer.operation());
        assertArrayEquals(ascii("answer"), answer.payload);
        send(80, CREDIT_REQUEST, 0, 1000);
        Packet credit = next();
        assertEquals(CREDIT_UPDATE, credit.operation());
        assertEquals(5, credit.header.getInt(40));

        send(80, SHUTDOWN, 2, 1000);
        assertEquals(-1, host.read(ByteBuffer.allocate(1)), "the guest sends no more");
        host.write(ByteBuffer.wrap(ascii("late")));
        assertArrayEquals(ascii("late"), next().payload);
      }
      Packet end = next();
      assertEquals(SHUTDOWN, end.operation());
      assertEquals(2, end.header.getInt(32));
      assertEquals(RST, next().operation());
    }
  }

  @Test
  void nobodyListensThere() {
    send(81, REQUEST, 0, 1000);
    assertEquals(RST, next().operation());
    send(81, RW, 0, 1000, (byte) 1);
    assertEquals(RST, next().operation());
  }

  @Test
  void hostConnectsToTheGuest() throws IOException {
    try (SocketChannel host = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      host.connect(UnixDomainSocketAddress.of(folder.resolve("v")));
      host.write(ByteBuffer.wrap(ascii("CONNECT 1111\nearly")));
      Packet request = next();
      assertEquals(REQUEST, request.operation());
      assertEquals(1111, request.header.getInt(20));
      send(request.hostPort(), RESPONSE, 0, 3);
      String answer = "OK " + request.hostPort() + "\n";
      assertEquals(answer, read(host, answer.length()));
      assertArrayEquals(ascii("ear"), next().payload, "no more than the guest has room for");
      ByteBuffer more =
          ByteBuffer.wrap(packet(request.hostPort(), CREDIT_UPDATE, 0, 3, new byte[0]))
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(40, 3);
      tx.send(driver.out(more.array()));
      tx.await();
      assertArrayEquals(ascii("ly"), next().payload);
      send(request.hostPort(), RST, 0, 0);
      assertEquals(-1, host.read(ByteBuffer.allocate(1)));
    }
  }

  @Test
  void guestThatSendsMoreThanItMayIsCutOff() throws IOException {
    try (ServerSocketChannel server = listen(80)) {
      send(80, REQUEST, 0, 1000);
      assertEquals(RESPONSE, next().operation());
      int sent = 0;
      byte[] much = new byte[32 << 10];
      DriverRing.Piece packet = driver.out(packet(80, RW, 0, 1000, much));
      DriverRing.Piece buffer = driver.in(4096);
      rx.send(buffer);
      while (driver.memory().read(buffer.gpa() + 30, 2) != RST) {
        if (rx.hasUsed()) {
          rx.await();
          rx.send(buffer);
        }
        tx.send(packet);
        tx.await();
        sent += much.length;
        assertTrue(sent < 16 << 20, "nobody reads, and it goes on");
      }
    }
  }

  @Test
  void restoredGuestHearsThatItsConnectionsAreGone() throws IOException {
    try (ServerSocketChannel server = listen(80)) {
      send(80, REQUEST, 0, 1000);
      assertEquals(RESPONSE, next().operation());
      DriverRing.Piece event = driver.in(4);
      events.offer(event);
      driver.registers().pause();
      var snapshot = driver.save();
      driver.registers().restore(snapshot);
      driver.registers().resume();
      assertEquals(4, events.await().written());
      assertArrayEquals(new byte[4], driver.bytes(event));
      try (SocketChannel host = server.accept()) {
        assertEquals(-1, host.read(ByteBuffer.allocate(1)));
      }
    }
  }

  @Test
  void connectionsAreLimited() throws IOException {
    try (ServerSocketChannel server = listen(80)) {
      int accepted = 0;
      for (int port = 0; port < 300; port++) {
        byte[] request = packet(80, REQUEST, 0, 1000, new byte[0]);
        request[16] = (byte) port;
        request[17] = (byte) (port >> 8);
        tx.send(driver.out(request));
        tx.await();
        accepted += next().operation() == RESPONSE ? 1 : 0;
        if (accepted < port + 1) {
          break;
        }
        server.accept().close();
        // The host's end is gone, but the guest's is not.
        assertEquals(SHUTDOWN, next().operation());
      }
      assertEquals(256, accepted);
    }
  }

  @Test
  void aSocketThatNobodyListensToIsReplaced() throws IOException {
    Path left = folder.resolve("left");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(left));
    }
    new VirtioVsock("vsock1", driver.memory(), 6, left, false).close();
    assertFalse(Files.exists(left));
  }

  @Test
  void whatIsInUseOrNoSocketStays() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    for (Path taken : new Path[] {folder.resolve("v"), file}) {
      IOException refusal =
          assertThrows(
              IOException.class, () -> new VirtioVsock("vsock1", driver.memory(), 6, taken, false));
      assertTrue(refusal.getMessage().startsWith(taken.toString()), refusal.getMessage());
      assertTrue(Files.exists(taken));
    }
  }
}
