package org.maloca.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * How a network is laid out.
 *
 * @param mode what its machines reach
 * @param gateway4 the gateway's IPv4 address
 * @param prefixLength4 of the IPv4 network around it
 * @param dns4 the name server's address
 * @param firstGuest4 the address that a machine is taken to have before it has said so
 * @param gateway6 the gateway's address in an IPv6 network of 64 bits of prefix
 * @param dns6 the name server's address there
 * @param isLoopbackOpen whether the gateway's address leads to the host's loopback
 */
public record NetworkConfig(
    NetworkMode mode,
    InetAddress gateway4,
    int prefixLength4,
    InetAddress dns4,
    InetAddress firstGuest4,
    InetAddress gateway6,
    InetAddress dns6,
    boolean isLoopbackOpen) {
  /** The name server's IPv4 address where nobody chose another. */
  public static final InetAddress USUAL_DNS4 = InetAddress.ofLiteral("10.0.2.3");

  /** Checks the values. */
  public NetworkConfig {
    if (gateway4.getAddress().length != 4
        || dns4.getAddress().length != 4
        || firstGuest4.getAddress().length != 4
        || gateway6.getAddress().length != 16
        || dns6.getAddress().length != 16
        || prefixLength4 < 8
        || prefixLength4 > 30) {
      throw new IllegalArgumentException("a network with impossible addresses");
    }
  }

  /** 10.0.2.0/24 as people know it from QEMU, and an IPv6 network of random prefix (RFC 4193). */
  public static NetworkConfig defaults(NetworkMode mode) {
    byte[] prefix = new byte[16];
    new SecureRandom().nextBytes(prefix);
    prefix[0] = (byte) 0xfd;
    return new NetworkConfig(
        mode,
        InetAddress.ofLiteral("10.0.2.2"),
        24,
        USUAL_DNS4,
        InetAddress.ofLiteral("10.0.2.15"),
        inNetwork(prefix, 2),
        inNetwork(prefix, 3),
        false);
  }

  private static InetAddress inNetwork(byte[] prefix, long host) {
    ByteBuffer bytes = ByteBuffer.allocate(16).put(0, prefix, 0, 8).putLong(8, host);
    try {
      return InetAddress.getByAddress(bytes.array());
    } catch (java.net.UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The same with the host's loopback open at the gateway's address. */
  public NetworkConfig withLoopbackOpen() {
    return new NetworkConfig(
        mode, gateway4, prefixLength4, dns4, firstGuest4, gateway6, dns6, true);
  }

  /** The IPv4 network's mask. */
  public int mask4() {
    return -1 << 32 - prefixLength4;
  }
}
