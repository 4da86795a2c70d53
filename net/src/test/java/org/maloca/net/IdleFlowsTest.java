package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.linux.PingSocket;

/** How long flows on which nothing happens are kept (RFC 4787, REQ-5; RFC 5382, REQ-5). */
class IdleFlowsTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress OTHER = InetAddress.ofLiteral("10.0.2.16");
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.0.2.2");

  /** The network takes a longer step for a time in which the host slept. */
  private static final int STEP_SECONDS = 4;

  private final AtomicLong clock = new AtomicLong();
  private UserNetwork network;
  private SwitchPort port;
  private GuestCard card;
  private GuestCard busy;
  private DatagramSocket peer;
  private DatagramSocket sink;

  @BeforeEach
  void start() throws IOException {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen();
    network = new UserNetwork("t", config, clock::get, PingSocket::open);
    port = network.addPort();
    card = new GuestCard(port, 1, 0, 0);
    busy = new GuestCard(network.addPort(), 2, 0, 0);
    peer = new DatagramSocket(0, LOOPBACK);
    peer.setSoTimeout(GuestCard.PATIENCE_MILLIS);
    sink = new DatagramSocket(0, LOOPBACK);
    sink.setSoTimeout(GuestCard.PATIENCE_MILLIS);
  }

  @AfterEach
  void close() {
    peer.close();
    sink.close();
    network.close();
  }

  private static void send(GuestCard from, InetAddress own, DatagramSocket to) {
    byte[] udp = Packets.udp(5000, to.getLocalPort(), new byte[] {1});
    from.send(Packets.ip(from.macAddress(), own, GATEWAY, 17, udp, 6));
  }

  private static DatagramPacket receive(DatagramSocket socket) throws IOException {
    DatagramPacket heard = new DatagramPacket(new byte[100], 100);
    socket.receive(heard);
    return heard;
  }

  /** Time passes, in which another machine talks, and then all that was due has been done. */
  private void pass(int seconds) throws IOException {
    DatagramPacket heard = null;
    for (int left = seconds; left > 0; left -= STEP_SECONDS) {
      clock.addAndGet(Math.min(left, STEP_SECONDS) * 1_000_000_000L);
      send(busy, OTHER, sink);
      heard = receive(sink);
    }
    // Deadlines are looked at after what sockets have; the second turn ends the first.
    for (int i = 0; i < 2; i++) {
      sink.send(new DatagramPacket(new byte[] {2}, 1, heard.getSocketAddress()));
      busy.next();
    }
  }

  private long flows() {
    return network.flows(port).size();
  }

  @Test
  void aDatagramMayBeAnsweredTwoMinutesLater() throws IOException {
    send(card, GUEST, peer);
    DatagramPacket question = receive(peer);

    pass(119);
    peer.send(new DatagramPacket(new byte[] {7}, 1, question.getSocketAddress()));

    assertEquals(7, Packets.payload(card.next())[8]);
  }

  @Test
  void anExchangeOfDatagramsIsKeptForFiveMinutesAndThenForgotten() throws IOException {
    send(card, GUEST, peer);
    DatagramPacket question = receive(peer);
    peer.send(new DatagramPacket(new byte[] {7}, 1, question.getSocketAddress()));
    card.next();

    pass(299);
    assertEquals(1, flows());
    pass(2);
    assertEquals(0, flows());
  }

  private void drive(GuestTcp guest, BooleanSupplier done) {
    for (int i = 0; i < 10_000 && !done.getAsBoolean(); i++) {
      guest.turn(5);
    }
    assertTrue(done.getAsBoolean(), "nothing more happens");
  }

  private GuestTcp connect(ServerSocket server) {
    GuestTcp guest = new GuestTcp(card, GUEST, 40000, GATEWAY, server.getLocalPort(), true, 1460);
    guest.connect();
    drive(guest, () -> guest.isOpen);
    return guest;
  }

  /** More than the two hours and four minutes, also of a guest that is slow to answer. */
  @Test
  void aConnectionThatIsIdleForHoursIsStillThere() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      GuestTcp guest = connect(server);
      try (Socket host = server.accept()) {
        // It has said all that it says: the handshake's last word is in.
        guest.write(new byte[] {1}, false);
        drive(guest, guest::isWritten);
        assertEquals(1, host.getInputStream().read());

        pass(2 * 3600 + 5 * 60);
        assertEquals(1, flows());
        drive(guest, card.received::isEmpty);
        pass(2 * 3600 + 5 * 60);

        host.getOutputStream().write(9);
        drive(guest, () -> guest.input.size() > 0);
        assertArrayEquals(new byte[] {9}, guest.input.toByteArray());
      }
    }
  }

  @Test
  void aConnectionOfAGuestThatAnswersNoMoreIsForgotten() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      GuestTcp guest = connect(server);
      try (Socket host = server.accept()) {
        guest.write(new byte[] {1}, false);
        drive(guest, guest::isWritten);
        assertEquals(1, host.getInputStream().read());

        pass(2 * 3600 + 15 * 60);

        assertEquals(0, flows());
      }
    }
  }

  /** One direction has ended; the other may take its time. */
  @Test
  void aConnectionThatIsHalfClosedIsKeptForHours() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      GuestTcp guest = connect(server);
      try (Socket host = server.accept()) {
        guest.write(new byte[] {1}, true);
        drive(guest, guest::isWritten);
        assertEquals(1, host.getInputStream().read());
        assertEquals(-1, host.getInputStream().read());

        pass(2 * 3600 + 4 * 60);
        host.getOutputStream().write(9);

        drive(guest, () -> guest.input.size() > 0);
      }
    }
  }
}
