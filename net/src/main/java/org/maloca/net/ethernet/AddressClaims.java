package org.maloca.net.ethernet;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;

/**
 * Who owns which IP address, as far as ARP (RFC 826) and neighbour discovery (RFC 4861) tell: keeps
 * one machine from answering in another's place. An address belongs to the port that claimed it
 * first, until it was silent about it for {@link #HOLD_NANOS}; the gateway's addresses belong to no
 * port. A port owns at most {@link #PER_PORT}, the oldest goes.
 *
 * <p>Used under the switch's lock.
 */
public final class AddressClaims {
  static final int PER_PORT = 64;
  static final long HOLD_NANOS = 120_000_000_000L;

  private static final int ARP_BYTES = 28;
  private static final int NEIGHBOR_SOLICITATION = 135;
  private static final int NEIGHBOR_ADVERTISEMENT = 136;
  private static final int ROUTER_ADVERTISEMENT = 134;
  private static final int REDIRECT = 137;
  private static final int TARGET_LINK_ADDRESS = 2;

  private record Address(long high, long low) {}

  private static final class Claim {
    final int port;
    long seenNanos;

    Claim(int port, long seenNanos) {
      this.port = port;
      this.seenNanos = seenNanos;
    }
  }

  private final LongSupplier clock;
  private final Map<Address, Claim> claims = new LinkedHashMap<>();
  private final Map<Integer, Integer> ipv4OfPort = new java.util.concurrent.ConcurrentHashMap<>();

  private volatile @Nullable GuestAddressListener listener;

  /** Makes an empty table. */
  public AddressClaims(LongSupplier nanoClock) {
    clock = nanoClock;
  }

  /** Sets who hears of IPv6 addresses from now on. */
  public void setListener(GuestAddressListener hearing) {
    listener = hearing;
  }

  private void tell(int port, Address address, boolean isClaimed) {
    GuestAddressListener hearing = listener;
    if (hearing != null && !IpBits.isIpv4(address.high, address.low)) {
      InetAddress named = IpBits.toAddress(address.high, address.low);
      if (isClaimed) {
        hearing.claimed(port, named);
      } else {
        hearing.released(port, named);
      }
    }
  }

  /** Gives an address to the gateway for ever. */
  public void reserve(long high, long low) {
    claims.put(new Address(high, low), new Claim(0, 0));
  }

  /** The IPv4 address that a port claimed last; null if none. Safe for any thread. */
  public @Nullable Integer ipv4Of(int port) {
    return ipv4OfPort.get(port);
  }

  void forget(int port) {
    claims
        .entrySet()
        .removeIf(entry -> {
          boolean isOfPort = entry.getValue().port == port;
          if (isOfPort) {
            tell(port, entry.getKey(), false);
          }
          return isOfPort;
        });
    ipv4OfPort.remove(port);
  }

  /** Whether a port may send a frame, as far as it says who has an address. */
  boolean allows(int port, ByteBuffer frame) {
    int type = frame.getShort(12) & 0xffff;
    int at = IpHeaders.ETHERNET_BYTES;
    if (type == IpHeaders.ETHERTYPE_ARP) {
      return frame.limit() < at + ARP_BYTES || allowsArp(port, frame.getInt(at + 14));
    }
    return type != IpHeaders.ETHERTYPE_IPV6 || allowsIpv6(port, frame);
  }

  private boolean allowsArp(int port, int sender) {
    if (sender == 0) {
      return true;
    }
    boolean isAllowed = claim(port, 0, IpBits.lowOfIpv4(sender));
    if (isAllowed) {
      ipv4OfPort.put(port, sender);
    }
    return isAllowed;
  }

  private boolean allowsIpv6(int port, ByteBuffer frame) {
    int ip = IpHeaders.ETHERNET_BYTES;
    int icmp = ip + 40;
    // Discovery inside fragments is not to be believed by anybody (RFC 6980).
    if (frame.limit() < icmp + 24 || frame.get(ip + 6) != 58) {
      return true;
    }
    int message = frame.get(icmp) & 0xff;
    if (message == ROUTER_ADVERTISEMENT || message == REDIRECT) {
      return false;
    }
    if (message == NEIGHBOR_ADVERTISEMENT) {
      return claim(port, frame.getLong(icmp + 8), frame.getLong(icmp + 16));
    }
    if (message != NEIGHBOR_SOLICITATION) {
      return true;
    }
    if (frame.getLong(ip + 8) == 0 && frame.getLong(ip + 16) == 0) {
      claimIfFree(port, frame.getLong(icmp + 8), frame.getLong(icmp + 16));
      return true;
    }
    boolean saysSource = frame.limit() > icmp + 24 && frame.get(icmp + 24) != TARGET_LINK_ADDRESS;
    return !saysSource || claim(port, frame.getLong(ip + 8), frame.getLong(ip + 16));
  }

  private boolean claim(int port, long high, long low) {
    Address address = new Address(high, low);
    Claim known = claims.get(address);
    long now = clock.getAsLong();
    if (known != null && known.port != port) {
      if (known.port == 0 || now - known.seenNanos < HOLD_NANOS) {
        return false;
      }
      claims.remove(address);
      tell(known.port, address, false);
      known = null;
    }
    if (known != null) {
      known.seenNanos = now;
      return true;
    }
    makeRoom(port);
    claims.put(address, new Claim(port, now));
    tell(port, address, true);
    return true;
  }

  /**
   * Who asks whether an address is in use (RFC 4862, section 5.4) has it from then on, unless
   * somebody answers: then that is the one who claims it.
   */
  private void claimIfFree(int port, long high, long low) {
    if (!claims.containsKey(new Address(high, low))) {
      claim(port, high, low);
    }
  }

  private void makeRoom(int port) {
    int count = 0;
    for (Claim claim : claims.values()) {
      count += claim.port == port ? 1 : 0;
    }
    Iterator<Map.Entry<Address, Claim>> oldestFirst = claims.entrySet().iterator();
    while (count >= PER_PORT && oldestFirst.hasNext()) {
      Map.Entry<Address, Claim> oldest = oldestFirst.next();
      if (oldest.getValue().port == port) {
        oldestFirst.remove();
        tell(port, oldest.getKey(), false);
        count--;
      }
    }
  }
}
