package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.PortForward;

/** Where forwards listen, and what people are told when they cannot. */
class ForwardsTest {
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

  @Test
  void addressesAreShownAsPeopleWriteThem() throws IOException {
    UserNetwork.Forwarding made =
        network.addForwards(port, PortForward.parse("[::1]:0:80/udp")).getFirst();

    assertEquals(
        "[::1]:%d/udp leads to the guest's port 80".formatted(made.address().getPort()),
        made.toString());
  }
}
