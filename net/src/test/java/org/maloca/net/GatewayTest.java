package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.ethernet.GuestAddressListener;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.IpLiteral;
import org.maloca.net.linux.PingSocket;
import org.maloca.net.service.Datagram;

class GatewayTest {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.0.2.2");
  private static final InetAddress DNS = InetAddress.ofLiteral("10.0.2.3");

  private UserNetwork network;
  private SwitchPort port;
  private GuestCard card;

  @BeforeEach
  void start() throws IOException {
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen());
    port = network.addPort();
    card = new GuestCard(port, 1, 0, 0);
  }

  @AfterEach
  void close() {
    network.close();
  }

  private static byte[] arp(byte[] mac, int operation, byte[] sender, byte[] target) {
    byte[] everybody = {-1, -1, -1, -1, -1, -1};
    return ByteBuffer.allocate(42)
        .put(everybody)
        .put(mac)
        .putShort((short) 0x0806)
        .putLong(0x0001_0800_0604_0000L | operation)
        .put(mac)
        .put(sender)
        .put(new byte[6])
        .put(target)
        .array();
  }

  @Test
  void outlivesAnErrorOfOneFrame() {
    network.onUdp(
        5300,
        (datagram, sender) -> {
          throw new NoClassDefFoundError("too many open files");
        });
    card.send(
        Packets.ip(card.macAddress(), GUEST, DNS, 17, Packets.udp(5000, 5300, new byte[] {1}), 4));
    card.send(arp(card.macAddress(), 1, GUEST.getAddress(), GATEWAY.getAddress()));

    assertArrayEquals(Packets.GATEWAY_MAC, Arrays.copyOfRange(card.next(), 22, 28));
  }

  @Test
  void answersArpForItsAddressesAlone() {
    card.send(arp(card.macAddress(), 1, GUEST.getAddress(), GATEWAY.getAddress()));
    card.send(arp(card.macAddress(), 1, GUEST.getAddress(), new byte[] {10, 0, 2, 99}));

    byte[] answer = card.next();

    assertArrayEquals(Packets.GATEWAY_MAC, Arrays.copyOfRange(answer, 22, 28));
    assertArrayEquals(GATEWAY.getAddress(), Arrays.copyOfRange(answer, 28, 32));
    assertArrayEquals(card.macAddress(), Arrays.copyOf(answer, 6));
    assertTrue(card.received.isEmpty());
  }

  @Test
  void answersNeighbourSolicitationsWithTheRightChecksum() {
    InetAddress own = InetAddress.ofLiteral("fe80::15");
    byte[] solicitation =
        ByteBuffer.allocate(24)
            .putInt(135 << 24)
            .putInt(0)
            .put(network.config().gateway6().getAddress())
            .array();
    card.send(Packets.ip(card.macAddress(), own, network.config().gateway6(), 58, solicitation, 2));

    byte[] answer = card.next();

    assertTrue(Packets.isSound(answer));
    byte[] message = Packets.payload(answer);
    assertEquals(136, message[0] & 0xff);
    assertArrayEquals(Packets.GATEWAY_MAC, Arrays.copyOfRange(message, 26, 32));
  }

  @Test
  void answersPingsToItselfOverBothVersions() {
    byte[] data = new byte[3000];
    data[0] = 8;
    data[2999] = 77;
    card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 1, Arrays.copyOf(data, 64), 2));
    byte[] answer = Packets.payload(card.next());
    assertEquals(0, answer[0]);
    assertEquals(0, Checksums.of(answer, 0, answer.length));

    data[0] = (byte) 128;
    InetAddress own = InetAddress.ofLiteral("fe80::15");
    card.send(
        Packets.ip(
            card.macAddress(), own, network.config().gateway6(), 58, Arrays.copyOf(data, 64), 2));
    byte[] answer6 = card.next();
    assertTrue(Packets.isSound(answer6));
    assertEquals(129, Packets.payload(answer6)[0] & 0xff);
  }

  @Test
  void carriesDatagramsBothWays() throws IOException {
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      peer.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      byte[] question = Packets.udp(5000, peer.getLocalPort(), new byte[] {1, 2, 3});
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6));
      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      peer.receive(heard);
      assertEquals(3, heard.getLength());
      peer.send(new DatagramPacket(new byte[] {9, 8}, 2, heard.getSocketAddress()));

      byte[] answer = card.next();

      assertTrue(Packets.isSound(answer));
      byte[] udp = Packets.payload(answer);
      assertEquals(peer.getLocalPort(), ByteBuffer.wrap(udp).getShort(0) & 0xffff);
      assertArrayEquals(new byte[] {9, 8}, Arrays.copyOfRange(udp, 8, udp.length));
    }
  }

  @Test
  void dropsDatagramsWithAWrongChecksumOrLength() throws IOException {
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      peer.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      byte[] udp = Packets.udp(5000, peer.getLocalPort(), new byte[] {1});
      byte[] wrong = Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, udp, 6);
      wrong[40] ^= 1;
      card.send(wrong);
      byte[] longer = udp.clone();
      longer[5] = 100;
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, longer, 6));
      byte[] right = Packets.udp(5000, peer.getLocalPort(), new byte[] {7});
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, right, 6));

      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      peer.receive(heard);

      assertEquals(7, heard.getData()[0]);
    }
  }

  @Test
  void leadsAHostsUdpPortToTheGuestAndBack() throws IOException {
    InetSocketAddress listening =
        network.addForward(port, new InetSocketAddress("127.0.0.1", 0), 53, true).address();
    try (DatagramSocket client = new DatagramSocket()) {
      client.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      client.send(new DatagramPacket(new byte[] {5}, 1, listening));
      byte[] question = Packets.payload(card.next());
      int from = ByteBuffer.wrap(question).getShort(0) & 0xffff;
      byte[] reply = Packets.udp(53, from, new byte[] {6});
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, reply, 6));

      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      client.receive(heard);

      assertEquals(6, heard.getData()[0]);
    }
  }

  @Test
  void handsDatagramsForServicesOverAndTheirAnswersBack() {
    AtomicReference<Datagram> seen = new AtomicReference<>();
    network.onUdp(
        53,
        (datagram, sender) -> {
          seen.set(datagram);
          sender.send(datagram.answer(ByteBuffer.wrap(new byte[2000])));
        });
    byte[] question = Packets.udp(5000, 53, new byte[] {1, 2, 3});
    card.send(Packets.ip(card.macAddress(), GUEST, DNS, 17, question, 6));

    byte[] first = card.next();
    byte[] second = card.next();

    assertEquals(port.number(), seen.get().switchPort());
    assertEquals(GUEST, seen.get().source());
    assertEquals(0x20, first[20]);
    assertEquals(2008, Packets.payload(first).length + Packets.payload(second).length);
  }

  @Test
  void keepsAMachineFromAnsweringInAnothersPlace() throws IOException {
    SwitchPort otherPort = network.addPort();
    GuestCard other = new GuestCard(otherPort, 2, 0, 0);
    byte[] second = {10, 0, 2, 16};
    card.send(arp(card.macAddress(), 1, GUEST.getAddress(), second));
    assertNotNull(other.next());

    other.send(arp(other.macAddress(), 2, GUEST.getAddress(), second));
    other.send(arp(other.macAddress(), 2, GATEWAY.getAddress(), second));
    other.send(arp(card.macAddress(), 2, second, GUEST.getAddress()));
    assertNull(card.next(100));
    assertEquals(3, otherPort.counters().refusedFrames());

    other.send(arp(other.macAddress(), 2, second, GUEST.getAddress()));
    assertNotNull(card.next());
  }

  @Test
  void whoAsksWhetherAnAddressIsFreeHasItUnlessAnotherDoes() throws IOException {
    List<String> heard = new CopyOnWriteArrayList<>();
    network.onGuestAddress(
        new GuestAddressListener() {
          @Override
          public void claimed(int switchPort, InetAddress address) {
            heard.add(switchPort + " " + IpLiteral.text(address));
          }

          @Override
          public void released(int switchPort, InetAddress address) {}
        });
    SwitchPort otherPort = network.addPort();
    GuestCard other = new GuestCard(otherPort, 2, 0, 0);
    for (GuestCard each : List.of(card, other)) {
      // Duplicate address detection (RFC 4862, section 5.4.2).
      byte[] asked = InetAddress.ofLiteral("fd00::15").getAddress();
      byte[] solicitation = ByteBuffer.allocate(24).putInt(135 << 24).putInt(0).put(asked).array();
      InetAddress nobody = InetAddress.ofLiteral("::");
      InetAddress group = InetAddress.ofLiteral("ff02::1:ff00:15");
      each.send(Packets.ip(each.macAddress(), nobody, group, 58, solicitation, 2));
    }

    assertEquals(List.of(port.number() + " fd00::15"), heard);
    assertEquals(0, otherPort.counters().refusedFrames());
  }

  @Test
  void anIsolatedNetworkLeadsNowhere() throws IOException {
    network.close();
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.ISOLATED));
    port = network.addPort();
    card = new GuestCard(port, 1, 0, 0);
    byte[] question = Packets.udp(5000, 9, new byte[] {1});
    card.send(
        Packets.ip(card.macAddress(), GUEST, InetAddress.ofLiteral("192.0.2.1"), 17, question, 6));

    byte[] answer = Packets.payload(card.next());

    assertEquals(3, answer[0]);
    assertEquals(13, answer[1]);

    byte[] echo = new byte[64];
    echo[0] = 8;
    byte[] ping =
        Packets.ip(card.macAddress(), GUEST, InetAddress.ofLiteral("192.0.2.1"), 1, echo, 2);
    card.send(ping);
    assertQuotes(ping, 3 << 8, card.next());

    byte[] syn = syn(card, 5001, InetAddress.ofLiteral("192.0.2.1"), 80);
    card.send(syn);
    assertQuotes(syn, 3 << 8, card.next());
  }

  @Test
  void whatRulesForbidIsToldAtOnceWhateverTheProtocolAndInWhateverPieces() {
    network.setEgressFilter((port, protocol, high, low, remotePort) -> false);
    InetAddress far = InetAddress.ofLiteral("192.0.2.1");
    byte[] echo = new byte[64];
    echo[0] = 8;
    byte[] ping = Packets.ip(card.macAddress(), GUEST, far, 1, echo, 2);
    card.send(ping);
    assertQuotes(ping, 3 << 8 | 13, card.next());

    byte[] datagram = Packets.udp(5000, 9, new byte[2000]);
    byte[] first = fragment(far, Arrays.copyOf(datagram, 1480), 0x2000);
    card.send(first);
    card.send(fragment(far, Arrays.copyOfRange(datagram, 1480, datagram.length), 1480 / 8));
    byte[] error = card.next();
    assertQuotes(first, 3 << 8 | 13, error);
    byte[] quoted = Arrays.copyOfRange(Packets.payload(error), 8, 28);
    assertEquals(0x45, quoted[0]);
    assertEquals(0, ByteBuffer.wrap(quoted).getShort(6));
    assertEquals(17, quoted[9]);
  }

  private byte[] fragment(InetAddress to, byte[] payload, int flagsAndOffset) {
    byte[] frame = Packets.ip(card.macAddress(), GUEST, to, 17, payload, -1);
    ByteBuffer.wrap(frame).putShort(20, (short) flagsAndOffset).putShort(24, (short) 0);
    ByteBuffer.wrap(frame).putShort(24, (short) Checksums.of(frame, 14, 34));
    return frame;
  }

  /** Checks an ICMP error to the guest about a packet that it sent. */
  private static void assertQuotes(byte[] sent, int typeAndCode, byte[] error) {
    byte[] message = Packets.payload(error);
    assertEquals(1, Packets.protocol(error));
    assertEquals(typeAndCode, ByteBuffer.wrap(message).getShort(0));
    assertEquals(0, Checksums.of(message, 0, message.length));
    // Addresses, and of the transport's header the ports.
    assertArrayEquals(
        Arrays.copyOfRange(sent, 26, 38), Arrays.copyOfRange(message, 20, 32), "whose it is");
  }

  @Test
  void tellsWhoSentADatagramThatNobodyListensThere() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"));
    int closed;
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      closed = peer.getLocalPort();
    }
    byte[] question = Packets.udp(5000, closed, new byte[] {1, 2, 3});
    byte[] sent = Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6);
    card.send(sent);

    byte[] error = card.next();

    assertQuotes(sent, 3 << 8 | 3, error);
    assertArrayEquals(GATEWAY.getAddress(), Arrays.copyOfRange(error, 26, 30));
  }

  /** The kernel refuses to send when it has heard an error, whoever it was about. */
  @Test
  void anErrorAboutOnePeerLosesNothingForAnother() throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try (DatagramSocket peer = new DatagramSocket(0, loopback)) {
      peer.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      int closed;
      try (DatagramSocket other = new DatagramSocket(0, loopback)) {
        closed = other.getLocalPort();
      }
      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      for (byte i = 0; i < 50; i++) {
        byte[] lost = Packets.udp(5000, closed, new byte[] {i});
        card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, lost, 6));
        byte[] question = Packets.udp(5000, peer.getLocalPort(), new byte[] {i});
        card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6));
        peer.receive(heard);
        assertEquals(i, heard.getData()[0]);
      }
    }
  }

  @Test
  void aFloodOfSynsEndsAtTheCap() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 4000, InetAddress.ofLiteral("127.0.0.1"))) {
      for (int i = 0; i < 3000; i++) {
        ByteBuffer syn = ByteBuffer.allocate(20).putShort((short) (1024 + i));
        syn.putShort((short) server.getLocalPort());
        syn.putInt(i).putInt(0).putShort((short) 0x5002).putShort((short) 1000);
        card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 6, syn.array(), 16));
      }
    }
    int[] flows = {0};
    network.forEachFlow(flow -> flows[0]++);

    assertEquals(512, flows[0]);
    assertEquals(0, network.bufferedBytes());
  }

  @Test
  void refusedConnectionsAreAnsweredSoManyTimesASecond() throws IOException {
    AtomicLong clock = new AtomicLong();
    try (UserNetwork scanned =
        new UserNetwork(
            "s",
            NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen(),
            clock::get,
            PingSocket::open)) {
      GuestCard guest = new GuestCard(scanned.addPort(), 2, 0, 0);
      int closed = closedPort();
      clock.addAndGet(1_000_000_000L);
      for (int i = 0; i < 4000; i++) {
        clock.addAndGet(150_000);
        guest.send(syn(guest, 3000 + i, closed));
      }
      int answered = guest.received.size();
      assertTrue(answered > 700 && answered < 1000, () -> "answered " + answered);

      clock.addAndGet(1_000_000_000L);
      guest.send(syn(guest, 9000, closed));
      assertEquals(answered + 1, guest.received.size());
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static byte[] syn(GuestCard from, int fromPort, int toPort) {
    return syn(from, fromPort, GATEWAY, toPort);
  }

  private static byte[] syn(GuestCard from, int fromPort, InetAddress to, int toPort) {
    ByteBuffer tcp = ByteBuffer.allocate(20);
    tcp.putShort((short) fromPort).putShort((short) toPort).putLong(0);
    tcp.putInt(0x5002_ffff).putInt(0);
    return Packets.ip(from.macAddress(), GUEST, to, 6, tcp.array(), 16);
  }

  @Test
  void givesAGuestsPortOneFaceAndLetsOnlyThoseAnswerWhomItHasAsked() throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try (DatagramSocket first = new DatagramSocket(0, loopback);
        DatagramSocket second = new DatagramSocket(0, loopback);
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.9"))) {
      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      first.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      second.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      for (DatagramSocket peer : new DatagramSocket[] {first, second}) {
        byte[] question = Packets.udp(5000, peer.getLocalPort(), new byte[] {1});
        card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6));
      }
      first.receive(heard);
      int face = heard.getPort();
      second.receive(heard);
      assertEquals(face, heard.getPort());

      InetSocketAddress guest = new InetSocketAddress(loopback, face);
      // Seen by the guest as the gateway, which it has asked: only a new port.
      stranger.send(new DatagramPacket(new byte[] {7}, 1, guest));
      second.send(new DatagramPacket(new byte[] {8}, 1, guest));

      byte[] answer = Packets.payload(card.next());
      assertEquals(8, answer[8]);
      assertEquals(second.getLocalPort(), ByteBuffer.wrap(answer).getShort(0) & 0xffff);
      try (DatagramSocket another = new DatagramSocket(0, loopback)) {
        another.send(new DatagramPacket(new byte[] {9}, 1, guest));
        byte[] unasked = Packets.payload(card.next());
        assertEquals(9, unasked[8]);
        assertEquals(another.getLocalPort(), ByteBuffer.wrap(unasked).getShort(0) & 0xffff);
      }
    }
  }

  @Test
  void whoHasAllFlowsGetsNewOnesForOldOnesSlowly() throws IOException {
    AtomicLong clock = new AtomicLong();
    try (UserNetwork full =
            new UserNetwork(
                "f",
                NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen(),
                clock::get,
                PingSocket::open);
        DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      SwitchPort flooding = full.addPort();
      GuestCard guest = new GuestCard(flooding, 2, 0, 0);
      for (int i = 0; i < 4000; i++) {
        clock.addAndGet(150_000);
        guest.send(datagram(guest, 5000 + i, peer.getLocalPort()));
      }
      int most = full.flows(flooding).size();
      assertTrue(isOpen(full, flooding, 5000 + most - 1));
      assertFalse(isOpen(full, flooding, 5000));
      // In 0.3 s after the last one that found room.
      long recycled =
          full.flows(flooding).stream().filter(flow -> flow.guestPort() >= 5000 + most).count();
      assertEquals(350, recycled, 60);
      assertEquals(most, full.flows(flooding).size());
    }
  }

  private static byte[] datagram(GuestCard from, int fromPort, int toPort) {
    byte[] udp = Packets.udp(fromPort, toPort, new byte[] {1});
    return Packets.ip(from.macAddress(), GUEST, GATEWAY, 17, udp, 6);
  }

  private static boolean isOpen(UserNetwork network, SwitchPort port, int guestPort) {
    return network.flows(port).stream().anyMatch(flow -> flow.guestPort() == guestPort);
  }

  /** An isolated network says of each datagram that it leads nowhere, but not to who floods. */
  @Test
  void errorsForAMachineThatFloodsAreNotThoseOfTheOthers() throws IOException {
    try (UserNetwork isolated =
        new UserNetwork("i", NetworkConfig.defaults(NetworkMode.ISOLATED))) {
      GuestCard flooding = new GuestCard(isolated.addPort(), 2, 0, 0);
      GuestCard other = new GuestCard(isolated.addPort(), 3, 0, 0);
      for (int i = 0; i < 1000; i++) {
        flooding.send(datagram(flooding, 5000, 7));
      }
      byte[] udp = Packets.udp(5000, 7, new byte[] {1});
      InetAddress own = InetAddress.ofLiteral("10.0.2.16");
      other.send(Packets.ip(other.macAddress(), own, GATEWAY, 17, udp, 6));

      assertTrue(flooding.received.size() < 1000);
      assertEquals(3, Packets.payload(other.next())[0]);
    }
  }

  @Test
  void flowsOutliveATimeInWhichTheHostSlept() throws IOException {
    AtomicLong host = new AtomicLong(System.nanoTime());
    network.close();
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT).withLoopbackOpen();
    network = new UserNetwork("t", config, host::get, PingSocket::open);
    port = network.addPort();
    card = new GuestCard(port, 1, 0, 0);
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      peer.setSoTimeout(GuestCard.PATIENCE_MILLIS);
      byte[] question = Packets.udp(5000, peer.getLocalPort(), new byte[] {1});
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6));
      DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      peer.receive(heard);

      host.addAndGet(3_600_000_000_000L);
      peer.send(new DatagramPacket(new byte[] {2}, 1, heard.getSocketAddress()));

      assertEquals(2, Packets.payload(card.next())[8]);
      assertEquals(1, network.flows(port).size());
    }
  }

  @Test
  void tellsOfEachFlowWhatPassed() throws IOException {
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      byte[] question = Packets.udp(5000, peer.getLocalPort(), new byte[] {1, 2, 3});
      card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, question, 6));

      FlowStatistics flow = network.flows(port).getFirst();

      assertEquals("udp-10.0.2.15:5000-10.0.2.2:" + peer.getLocalPort(), flow.toString());
      assertEquals(3, flow.bytesFromGuest());
      assertEquals(0, flow.bytesToGuest());
    }
  }
}
