package org.maloca.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.net.linux.PingSocket;

/** Machines forget a router whose advertisements do not come again (RFC 4861, section 6.2.4). */
class RouterDiscoveryTest {
  private static final int MAX_INTERVAL_SECONDS = 600;
  private static final byte ADVERTISEMENT = (byte) 134;
  private static final byte[] ALL_NODES_MAC = {0x33, 0x33, 0, 0, 0, 1};
  private static final byte[] ALL_NODES = InetAddress.ofLiteral("ff02::1").getAddress();

  private final AtomicLong clock = new AtomicLong();
  private UserNetwork network;
  private GuestCard first;
  private GuestCard second;

  @BeforeEach
  void start() throws IOException {
    NetworkConfig config = NetworkConfig.defaults(NetworkMode.NAT);
    network = new UserNetwork("t", config, clock::get, PingSocket::open);
    byte[] message = new byte[16];
    message[0] = ADVERTISEMENT;
    network.onRouterSolicitation(() -> message);
    first = new GuestCard(network.addPort(), 1, 0, 0);
    second = new GuestCard(network.addPort(), 2, 0, 0);
  }

  @AfterEach
  void close() {
    network.close();
  }

  /** In steps that the network does not take for a time in which the host slept. */
  private void pass(int seconds) {
    for (int left = seconds; left > 0; left--) {
      clock.addAndGet(1_000_000_000L);
      synchronized (network.loop().lock()) {
        network.loop().nanos();
      }
    }
    network.loop().wake();
  }

  private static void assertAdvertises(byte[] frame) {
    assertArrayEquals(ALL_NODES_MAC, Arrays.copyOf(frame, 6));
    assertArrayEquals(ALL_NODES, Arrays.copyOfRange(frame, 38, 54));
    assertEquals(255, frame[21] & 0xff);
    assertTrue(Packets.isSound(frame));
    assertEquals(ADVERTISEMENT, Packets.payload(frame)[0]);
  }

  @Test
  void theRouterIsAdvertisedAgainAndAgainToAllWithoutBeingAsked() {
    for (int times = 0; times < 3; times++) {
      pass(MAX_INTERVAL_SECONDS);

      assertAdvertises(first.next());
      assertAdvertises(second.next());
    }
  }

  @Test
  void aSolicitationIsAnsweredAtOnceIfItComesFromTheLinkItself() {
    InetAddress own = InetAddress.ofLiteral("fe80::15");
    InetAddress routers = InetAddress.ofLiteral("ff02::2");
    byte[] solicitation = {(byte) 133, 0, 0, 0, 0, 0, 0, 0};
    byte[] routed = Packets.ip(first.macAddress(), own, routers, 58, solicitation, 2);
    routed[21] = 64;
    first.send(routed);
    assertEquals(0, first.received.size());

    first.send(Packets.ip(first.macAddress(), own, routers, 58, solicitation, 2));

    assertEquals(ADVERTISEMENT, Packets.payload(first.next())[0]);
    assertEquals(0, second.received.stream().filter(RouterDiscoveryTest::isAdvertisement).count());
  }

  private static boolean isAdvertisement(byte[] frame) {
    return Packets.protocol(frame) == 58 && Packets.payload(frame)[0] == ADVERTISEMENT;
  }
}
