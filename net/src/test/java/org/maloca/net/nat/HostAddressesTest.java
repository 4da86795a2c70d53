package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpPacket;

class HostAddressesTest {
  private static final InetAddress OWN4 = InetAddress.ofLiteral("192.0.2.2");
  private static final InetAddress OWN6 = InetAddress.ofLiteral("2001:db8:1::2");
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("192.0.2.3");

  private final AtomicLong clock = new AtomicLong();
  private final AtomicReference<Set<InetAddress>> interfaces =
      new AtomicReference<>(Set.of(OWN4, OWN6));

  private HostAddresses addresses(boolean isLoopbackOpen) {
    return new HostAddresses(
        true,
        isLoopbackOpen,
        InetAddress.ofLiteral("10.0.2.2"),
        InetAddress.ofLiteral("fd00::2"),
        0xffffff00,
        new OwnAddresses(interfaces::get, clock::get));
  }

  private static boolean isOpen(HostAddresses addresses, InetAddress to) {
    long high = IpBits.high(to);
    long low = IpBits.low(to);
    boolean isOpenToTcp = addresses.target(1, IpPacket.TCP, high, low, 80) != null;
    assertEquals(isOpenToTcp, addresses.target(1, IpPacket.UDP, high, low, 80) != null);
    assertEquals(isOpenToTcp, addresses.isOpen(1, IpPacket.ICMP, high, low));
    return isOpenToTcp;
  }

  @Test
  void theHostsOwnAddressesAreClosedUnlessItsLoopbackIsOpen() {
    for (InetAddress own : Set.of(OWN4, OWN6)) {
      assertFalse(isOpen(addresses(false), own));
      assertTrue(isOpen(addresses(true), own));
    }
    assertTrue(isOpen(addresses(false), ELSEWHERE));
  }

  @Test
  void theAddressesOfThisHostAreKnown() throws SocketException {
    // Its loopback, which each host has.
    assertTrue(OwnAddresses.ofHost().contains(InetAddress.ofLiteral("127.0.0.1")));
    assertFalse(OwnAddresses.ofHost().contains(ELSEWHERE));
  }

  @Test
  void anAddressThatTheHostGetsLaterIsClosedASecondLater() {
    HostAddresses addresses = addresses(false);
    assertTrue(isOpen(addresses, ELSEWHERE));

    interfaces.set(Set.of(ELSEWHERE));
    clock.addAndGet(OwnAddresses.KNOWN_NANOS);

    assertFalse(isOpen(addresses, ELSEWHERE));
    assertTrue(isOpen(addresses, OWN4));
  }

  @Test
  void theAddressesOfBeforeCountWhereTheHostDoesNotTell() {
    AtomicReference<Boolean> fails = new AtomicReference<>(false);
    OwnAddresses own =
        new OwnAddresses(
            () -> {
              if (fails.get()) {
                throw new SocketException("not now");
              }
              return Set.of(OWN4);
            },
            clock::get);
    assertTrue(own.contains(OWN4));

    fails.set(true);
    clock.addAndGet(OwnAddresses.KNOWN_NANOS);

    assertTrue(own.contains(OWN4));
  }

  @Test
  void theGatewaysAddressLeadsToTheLoopbackOnlyWhenThatIsOpen() {
    long low = IpBits.low(InetAddress.ofLiteral("10.0.2.2"));
    assertNull(addresses(false).target(1, IpPacket.TCP, 0, low, 80));
    assertNotNull(addresses(true).target(1, IpPacket.TCP, 0, low, 80));
  }
}
