package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.PortForward;

/** Where forwards listen, and what people are told when they cannot. */
class ForwardsTest {
  private static final InetAddress GUEST = InetAddress.ofLiteral("10.0.2.15");
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.0.2.2");
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private UserNetwork network;
  private SwitchPort port;

  @BeforeEach
  void start() throws IOException {
    network = new UserNetwork("t", NetworkConfig.defaults(NetworkMode.NAT));
    port = network.addPort();
  }

  @AfterEach
  void close() {
    network.close();
  }

  private String refusal(String text) {
    return String.valueOf(
        assertThrows(IOException.class, () -> network.addForwards(port, PortForward.parse(text)))
            .getMessage());
  }

  @Test
  void aPortThatIsInUseIsNamed() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
      int taken = other.getLocalPort();
      assertEquals(
          "port %d of the host's 127.0.0.1 is in use (port 0 is any free one)".formatted(taken),
          refusal(taken + ":80"));
    }
  }

  @Test
  void anAddressThatTheHostHasNotIsNamed() {
    // Of those for documents.
    assertEquals("the host has no address 192.0.2.77", refusal("192.0.2.77:0:80"));
    assertEquals("the host has no address 192.0.2.77", refusal("192.0.2.77:0:80/udp"));
  }

  @Test
  void ofARangeAllOrNoneAreOpened() throws IOException {
    int first = fourFreePorts();
    String range = "%d-%d:80-83".formatted(first, first + 3);
    try (ServerSocket third = new ServerSocket(first + 2, 1, LOOPBACK)) {
      refusal(range);
      assertEquals(List.of(), network.forwards(port));
      assertEquals(first + 2, third.getLocalPort());
    }

    network.addForwards(port, PortForward.parse(range));

    assertEquals(
        List.of(80, 81, 82, 83),
        network.forwards(port).stream().map(UserNetwork.Forwarding::guestPort).toList());
  }

  private static int fourFreePorts() throws IOException {
    for (int first = 20_000; ; first += 4) {
      List<ServerSocket> held = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          held.add(new ServerSocket(first + i, 1, LOOPBACK));
        }
        return first;
      } catch (IOException taken) {
        // Others follow.
      } finally {
        for (ServerSocket each : held) {
          each.close();
        }
      }
    }
  }

  @Test
  void aForwardThatEndedLeavesItsPortFreeAtOnce() throws IOException {
    int number =
        network.addForwards(port, PortForward.parse("0:80")).getFirst().address().getPort();
    for (int i = 0; i < 50; i++) {
      network.removeForward(network.forwards(port).getFirst().number());
      network.addForwards(port, PortForward.parse(number + ":80"));
    }

    assertEquals(1, network.forwards(port).size());
  }

  /** Else machines of the same port, one on each version, would be in each other's way. */
  @Test
  void allOfIpv4IsNotOfIpv6() throws IOException {
    InetSocketAddress tcp =
        network.addForwards(port, PortForward.parse("0.0.0.0:0:80")).getFirst().address();
    InetSocketAddress udp =
        network.addForwards(port, PortForward.parse("0.0.0.0:0:80/udp")).getFirst().address();

    InetAddress six = InetAddress.ofLiteral("::1");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.INET6);
        DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET6)) {
      server.bind(new InetSocketAddress(six, tcp.getPort()));
      datagrams.bind(new InetSocketAddress(six, udp.getPort()));
    }
    assertEquals("0.0.0.0", tcp.getAddress().getHostAddress());
    assertThrows(IOException.class, () -> new Socket(six, tcp.getPort()).close());
  }

  @Test
  void aStarIsAllAddressesOfBothVersions() throws IOException {
    int open =
        network.addForwards(port, PortForward.parse("*:0:80")).getFirst().address().getPort();

    for (String address : List.of("127.0.0.1", "::1")) {
      new Socket(InetAddress.ofLiteral(address), open).close();
    }
  }

  /** Which of several is not what the system would choose by itself, so that clients hear it. */
  @ParameterizedTest
  @CsvSource({
    "*:0:7/udp, 127.0.0.9, 127.0.0.1",
    "*:0:7/udp, ::1, ::1",
    "0.0.0.0:0:7/udp, 127.0.0.9, 127.0.0.1",
    "127.0.0.9:0:7/udp, 127.0.0.9, 127.0.0.1"
  })
  void anAnswerComesFromTheAddressThatWasAsked(String forward, String asked, String client)
      throws Exception {
    GuestCard card = new GuestCard(port, 1, 0, 0);
    int open = network.addForwards(port, PortForward.parse(forward)).getFirst().address().getPort();
    InetSocketAddress host = new InetSocketAddress(InetAddress.ofLiteral(asked), open);
    try (DatagramSocket first = new DatagramSocket(0, InetAddress.ofLiteral(client));
        DatagramSocket second = new DatagramSocket(0, InetAddress.ofLiteral(client))) {
      for (DatagramSocket each : List.of(first, second, first)) {
        each.setSoTimeout(GuestCard.PATIENCE_MILLIS);
        each.send(new DatagramPacket(new byte[] {5, 6}, 2, host));
        byte[] question = Packets.payload(card.next());
        assertEquals(10, question.length);
        int from = ByteBuffer.wrap(question).getShort(0) & 0xffff;
        byte[] reply = Packets.udp(7, from, new byte[] {9});
        card.send(Packets.ip(card.macAddress(), GUEST, GATEWAY, 17, reply, 6));

        DatagramPacket heard = new DatagramPacket(new byte[100], 100);
        each.receive(heard);

        assertEquals(host, heard.getSocketAddress());
        assertEquals(1, heard.getLength());
      }
    }
    assertEquals(2, network.flows(port).size());
  }

  @Test
  void addressesAreShownAsPeopleWriteThem() throws IOException {
    UserNetwork.Forwarding made =
        network.addForwards(port, PortForward.parse("[::1]:0:80/udp")).getFirst();

    assertEquals(
        "[::1]:%d/udp leads to the guest's port 80".formatted(made.address().getPort()),
        made.toString());
  }
}
