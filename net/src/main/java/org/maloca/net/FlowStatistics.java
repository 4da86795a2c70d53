package org.maloca.net;

import java.net.InetAddress;
import org.maloca.net.host.IpLiteral;

/**
 * A guest's conversation with the outside, and what passed so far.
 *
 * @param isUdp else TCP
 * @param bytesFromGuest of payload
 * @param bytesToGuest of payload; of TCP what the guest has acknowledged
 */
public record FlowStatistics(
    boolean isUdp,
    InetAddress guestAddress,
    int guestPort,
    InetAddress remoteAddress,
    int remotePort,
    long bytesFromGuest,
    long bytesToGuest) {
  /** Bytes both ways. */
  public long bytes() {
    return bytesFromGuest + bytesToGuest;
  }

  /** As in {@code tcp-10.0.2.15:40000-192.0.2.1:443}. */
  @Override
  public String toString() {
    return "%s-%s-%s"
        .formatted(
            isUdp ? "udp" : "tcp",
            shown(guestAddress, guestPort),
            shown(remoteAddress, remotePort));
  }

  private static String shown(InetAddress address, int port) {
    return IpLiteral.bracketed(address) + ":" + port;
  }
}
