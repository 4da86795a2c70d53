package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetBackend;
import org.maloca.net.dns.DnsServer;
import org.maloca.net.dns.DnsStreamService;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.http.PostService;
import org.maloca.net.linux.PingSocket;

class TcpNatTest {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.0.2.2");
  private static final int LARGE = NetBackend.CHECKSUM | NetBackend.TCP_IPV4 | NetBackend.TCP_IPV6;

  private UserNetwork network;
  private SwitchPort port;
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen());
    port = network.addPort();
    server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    network.close();
  }

  private static void drive(GuestTcp guest, BooleanSupplier done) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "nothing more happens");
      guest.turn(5);
    }
  }

  private static byte[] data(int seed, int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private void exchange(GuestTcp guest, int size) throws Exception {
    byte[] up = data(1, size);
    byte[] down = data(2, size);
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = server.accept()) {
            Thread writer =
                Thread.ofVirtual()
                    .start(() -> {
                      try {
                        socket.getOutputStream().write(down);
                        socket.shutdownOutput();
                      } catch (IOException failed) {
                        heard.completeExceptionally(failed);
                      }
                    });
            byte[] all = socket.getInputStream().readAllBytes();
            writer.join();
            heard.complete(all);
          } catch (IOException | InterruptedException failed) {
            heard.completeExceptionally(failed);
          }
        });
    guest.connect();
    guest.write(up, true);

    drive(guest, () -> guest.hasPeerEnded && guest.isWritten() && heard.isDone());

    assertArrayEquals(up, heard.get());
    assertArrayEquals(down, guest.input.toByteArray());
    assertFalse(guest.isReset);
  }

  private GuestTcp guest(int features, double lossRate, boolean hasSack, int segmentBytes) {
    GuestCard card = new GuestCard(port, 1, features, lossRate);
    return new GuestTcp(card, GUEST, 40000, GATEWAY, server.getLocalPort(), hasSack, segmentBytes);
  }

  @Test
  void carriesDataWholeBothWays() throws Exception {
    exchange(guest(0, 0, true, 1460), 3_000_000);
  }

  @Test
  void carriesLargeSegmentsBothWays() throws Exception {
    exchange(guest(LARGE, 0, true, 60_000), 8_000_000);
  }

  @Test
  void survivesLossReorderingAndDuplicates() throws Exception {
    exchange(guest(0, 0.01, true, 1460), 2_000_000);
  }

  @Test
  void survivesLossWithoutSelectiveAcknowledgements() throws Exception {
    exchange(guest(0, 0.01, false, 1460), 1_000_000);
  }

  @Test
  void survivesLossOfLargeSegments() throws Exception {
    exchange(guest(LARGE, 0.02, true, 30_000), 4_000_000);
  }

  @Test
  void urgentDataOfTheHostComeInTheirPlace() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.connect();
    try (Socket socket = server.accept()) {
      drive(guest, () -> guest.isOpen);
      socket.getOutputStream().write(new byte[] {1, 2});
      socket.sendUrgentData(3);
      socket.getOutputStream().write(new byte[] {4, 5});
      socket.shutdownOutput();

      drive(guest, () -> guest.hasPeerEnded);

      assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, guest.input.toByteArray());
    }
  }

  @Test
  void resetsWhenTheHostRefuses() throws IOException {
    GuestTcp guest = guest(0, 0, true, 1460);
    server.close();
    guest.connect();

    drive(guest, () -> guest.isReset);

    assertFalse(guest.isOpen);
  }

  @Test
  void keepsTheHostsLoopbackClosedUnlessItWasOpened() throws IOException {
    network.close();
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NAT));
    port = network.addPort();
    GuestCard card = new GuestCard(port, 1, 0, 0);
    for (String target : new String[] {"10.0.2.2", "127.0.0.1", "127.9.9.9", "0.0.0.0"}) {
      GuestTcp guest =
          new GuestTcp(
              card, GUEST, 40000, InetAddress.ofLiteral(target), server.getLocalPort(), true, 1460);
      guest.connect();

      drive(guest, () -> guest.isReset);

      assertFalse(guest.isOpen);
    }
  }

  @Test
  void passesTheGuestsResetOn() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.connect();
    drive(guest, () -> guest.isOpen);
    try (Socket accepted = server.accept()) {
      guest.reset();
      InputStream in = accepted.getInputStream();

      IOException thrown =
          org.junit.jupiter.api.Assertions.assertThrows(IOException.class, in::read);

      assertTrue(thrown.getMessage().contains("reset"));
    }
  }

  @Test
  void passesTheHostsResetOn() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.connect();
    drive(guest, () -> guest.isOpen);
    try (Socket accepted = server.accept()) {
      accepted.setSoLinger(true, 0);
    }

    drive(guest, () -> guest.isReset);

    assertEquals(0, guest.input.size());
  }

  @Test
  void waitsForAGuestWhoseWindowIsShut() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.windowField = 0;
    guest.connect();
    drive(guest, () -> guest.isOpen);
    byte[] down = data(3, 100_000);
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(down);
      accepted.shutdownOutput();
      for (int i = 0; i < 20; i++) {
        guest.turn(50);
      }
      assertEquals(0, guest.input.size());
      guest.windowField = 65535;

      drive(guest, () -> guest.hasPeerEnded);

      assertArrayEquals(down, guest.input.toByteArray());
    }
  }

  @Test
  void goesOnWhenTheCardHasRoomAgain() throws Exception {
    GuestCard card = new GuestCard(port, 1, LARGE, 0);
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, GATEWAY, server.getLocalPort(), true, 1460);
    guest.connect();
    drive(guest, () -> guest.isOpen);
    card.isFull = true;
    byte[] down = data(4, 300_000);
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(down);
      accepted.shutdownOutput();
      for (int i = 0; i < 10; i++) {
        guest.turn(20);
      }
      assertEquals(0, guest.input.size());
      card.isFull = false;
      port.roomAvailable();

      drive(guest, () -> guest.hasPeerEnded);

      assertArrayEquals(down, guest.input.toByteArray());
    }
  }

  @Test
  void aHostThatDoesNotReadStopsTheGuestWithoutLoss() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    byte[] up = data(5, 12_000_000);
    guest.connect();
    guest.write(up, true);
    drive(guest, () -> guest.isOpen);
    try (Socket accepted = server.accept()) {
      for (int i = 0; i < 3000; i++) {
        guest.turn(1);
      }
      assertFalse(guest.isWritten());
      CompletableFuture<byte[]> heard =
          CompletableFuture.supplyAsync(() -> {
            try {
              return accepted.getInputStream().readAllBytes();
            } catch (IOException failed) {
              throw new AssertionError(failed);
            }
          });

      drive(guest, () -> guest.isWritten() && heard.isDone());

      assertArrayEquals(up, heard.get());
    }
  }

  @Test
  void leadsAHostsPortToTheGuest() throws Exception {
    GuestCard card = new GuestCard(port, 1, 0, 0);
    UserNetwork.Forwarding forwarding =
        network.addForward(port, new InetSocketAddress("127.0.0.1", 0), 22, false);
    try (Socket client = new Socket()) {
      client.connect(forwarding.address());
      byte[] syn = card.next();

      assertEquals(22, java.nio.ByteBuffer.wrap(Packets.payload(syn)).getShort(2));
      assertEquals(GuestTcp.SYN, Packets.payload(syn)[13]);
      assertTrue(Packets.isSound(syn));
    }
    network.removeForward(forwarding.number());

    try (Socket late = new Socket()) {
      org.junit.jupiter.api.Assertions.assertThrows(
          IOException.class,
          () -> {
            late.connect(forwarding.address());
            // The host may still have queued it, then it is reset.
            late.setSoTimeout(GuestCard.PATIENCE_MILLIS);
            assertEquals(-1, late.getInputStream().read());
            throw new IOException("ended");
          });
    }
  }

  @Test
  void exchangesTimestampsWithAGuestThatOffersThem() throws Exception {
    GuestTcp guest = guest(0, 0.01, true, 1400);
    guest.offersTimestamps = true;

    exchange(guest, 1_000_000);

    assertTrue(guest.peerTimestamp != 0);
    assertTrue(guest.echoedTimestamp >= 1000 && guest.echoedTimestamp < guest.ownTimestamp);
    assertTrue(guest.largestSegmentBytes <= 1460 - 12);
  }

  @Test
  void ignoresASegmentWhoseTimestampIsOfLongAgo() throws Exception {
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.offersTimestamps = true;
    guest.connect();
    drive(guest, () -> guest.isOpen);
    try (Socket accepted = server.accept()) {
      guest.write(new byte[] {1}, false);
      drive(guest, guest::isWritten);
      int now = guest.ownTimestamp;
      guest.ownTimestamp = 5;
      guest.write(new byte[] {1, 2}, false);
      for (int i = 0; i < 20; i++) {
        guest.turn(10);
      }
      assertFalse(guest.isWritten());
      guest.ownTimestamp = now;

      drive(guest, guest::isWritten);

      assertArrayEquals(new byte[] {1, 2}, accepted.getInputStream().readNBytes(2));
    }
  }

  @Test
  void sendsSmallerSegmentsOnceAGuestSaysThatTheyAreTooBig() throws Exception {
    GuestCard card = new GuestCard(port, 1, 0, 0);
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, GATEWAY, server.getLocalPort(), true, 1460);
    guest.connect();
    drive(guest, () -> guest.isOpen);
    byte[] down = data(6, 100_000);
    try (Socket accepted = server.accept()) {
      accepted.getOutputStream().write(down);
      accepted.shutdownOutput();
      byte[] first = card.next();
      while (Packets.payload(first).length <= 20) {
        first = card.next();
      }
      java.nio.ByteBuffer notice = java.nio.ByteBuffer.allocate(8 + 28);
      notice.putInt(0x0304_0000).putInt(600).put(first, 14, 28);
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 1, notice.array(), 2));
      // All that was sent before is lost on that link.
      card.received.clear();

      drive(guest, () -> guest.hasPeerEnded);

      assertArrayEquals(down, guest.input.toByteArray());
      assertEquals(560, guest.largestSegmentBytes);
    }
  }

  @Test
  void answersConnectionsToItsOwnServices() {
    java.util.concurrent.atomic.AtomicReference<InetSocketAddress> client =
        new java.util.concurrent.atomic.AtomicReference<>();
    network.onStream(
        53,
        (number, from, answers) -> {
          client.set(from);
          return bytes -> {
            byte[] question = new byte[bytes.remaining()];
            bytes.get(question);
            if (question[0] == 0) {
              return false;
            }
            // At once, and later from another thread.
            answers.send(question);
            Thread.ofVirtual().start(() -> answers.send(question));
            return true;
          };
        });
    GuestCard card = new GuestCard(port, 1, 0, 0);
    InetAddress dns = InetAddress.ofLiteral("10.0.2.3");
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, dns, 53, true, 1460);
    guest.connect();
    guest.write(new byte[] {1, 2, 3}, false);

    drive(guest, () -> guest.input.size() == 6);

    assertArrayEquals(new byte[] {1, 2, 3, 1, 2, 3}, guest.input.toByteArray());
    assertEquals(new InetSocketAddress(GUEST, 40000), client.get());
    guest.write(new byte[] {1, 2, 3, 0}, false);
    drive(guest, () -> guest.isReset);
  }

  @Test
  void aServiceEndsTheConnectionBehindItsAnswer() {
    PostService posts = new PostService();
    List<String> posted = new ArrayList<>();
    posts.receive("/here", body -> posted.add(new String(body, StandardCharsets.US_ASCII)));
    network.onStream(PostService.PORT, posts);
    GuestCard card = new GuestCard(port, 1, 0, 0);
    InetAddress dns = InetAddress.ofLiteral("10.0.2.3");
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, dns, PostService.PORT, true, 20);
    guest.connect();
    String request = "POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    guest.write(request.getBytes(StandardCharsets.US_ASCII), false);

    drive(guest, () -> guest.hasPeerEnded);

    assertEquals(List.of("hello"), posted);
    assertTrue(guest.input.toString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 204 "));
    guest.write(request.getBytes(StandardCharsets.US_ASCII), true);
    drive(guest, guest::isWritten);
    assertFalse(guest.isReset);
  }

  /** As programs do that have nothing more to ask. */
  @Test
  void whoHasEndedItsSideStillHearsTheNameServersAnswers() throws Exception {
    LinkedBlockingQueue<Runnable> asked = new LinkedBlockingQueue<>();
    DnsServer dns =
        new DnsServer(
            new LocalNames(),
            (query, isStream) -> query,
            (number, name, isAlias, address, ttl) -> {},
            (number, name) -> true,
            asked::add);
    network.onStream(DnsServer.PORT, new DnsStreamService(dns));
    GuestCard card = new GuestCard(port, 1, 0, 0);
    InetAddress server = InetAddress.ofLiteral("10.0.2.3");
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, server, DnsServer.PORT, true, 1460);
    guest.connect();
    ByteBuffer question = ByteBuffer.allocate(2 + 12 + 3 + 4).putShort((short) 19);
    question.putInt(0x0007_0100).putInt(0x0001_0000).putInt(0);
    question.put((byte) 1).put((byte) 'a').put((byte) 0).putInt(1 << 16 | 1);
    guest.write(question.array(), true);
    drive(guest, guest::isWritten);
    assertFalse(guest.hasPeerEnded);

    asked.take().run();

    drive(guest, () -> guest.hasPeerEnded);
    assertArrayEquals(question.array(), guest.input.toByteArray());
  }

  @Test
  void boundsTheConnectionsOfAMachineToServices() {
    network.onStream(53, (number, from, answers) -> bytes -> true);
    GuestCard card = new GuestCard(port, 1, 0, 0);
    InetAddress dns = InetAddress.ofLiteral("10.0.2.3");
    int opened = 0;
    int refused = 0;
    for (int i = 0; i < 70; i++) {
      GuestTcp guest = new GuestTcp(card, GUEST, 40000 + i, dns, 53, true, 1460);
      guest.connect();
      drive(guest, () -> guest.isOpen || guest.isReset);
      opened += guest.isOpen ? 1 : 0;
      refused += guest.isReset ? 1 : 0;
    }

    assertEquals(64, opened);
    assertEquals(6, refused);
  }

  /** As Linux shows it: a connection in state 1 whose timer is of kind 2. */
  @Test
  void probesASilentPeerInTheGuestsPlace() throws IOException {
    // The JDK's sockets are of IPv6, with addresses of IPv4.
    Path connections = Path.of("/proc/net/tcp6");
    assumeTrue(Files.exists(connections));
    GuestTcp guest = guest(0, 0, true, 1460);
    guest.connect();
    try (Socket accepted = server.accept()) {
      drive(guest, () -> guest.isOpen);
      String peer = "0100007F:%04X 01 ".formatted(accepted.getLocalPort());
      String line =
          Files.readAllLines(connections).stream()
              .filter(each -> each.contains(peer))
              .findFirst()
              .orElseThrow();
      assertTrue(line.contains(" 02:"), line);
    }
  }

  /** As long as the guest starts up; it is to be reached as soon as it has. */
  @Test
  void asksAGuestThatDoesNotAnswerEachSecond() throws IOException {
    AtomicLong clock = new AtomicLong();
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT);
    try (UserNetwork slow = new UserNetwork("s", config, clock::get, PingSocket::open)) {
      SwitchPort to = slow.addPort();
      GuestCard card = new GuestCard(to, 1, 0, 0);
      InetSocketAddress loopback = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
      InetSocketAddress at = slow.addForward(to, loopback, 22, false).address();
      try (Socket client = new Socket(at.getAddress(), at.getPort())) {
        for (int i = 0; i < 5; i++) {
          byte[] syn = card.next();
          assertEquals(GuestTcp.SYN, Packets.payload(syn)[13]);
          clock.addAndGet(1_100_000_000L);
        }
        assertTrue(client.isConnected());
      }
    }
  }
}
