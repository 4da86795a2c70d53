package org.maloca.net.ndp;

import java.nio.ByteBuffer;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.Link;

/**
 * Answers neighbour solicitations (RFC 4861, section 7.2) for the gateway's IPv6 addresses. Guarded
 * by the network's lock.
 */
public final class NeighborResponder {
  /** Type of the ICMPv6 message. */
  public static final int SOLICITATION = 135;

  private static final int ADVERTISEMENT = 136;
  private static final int BYTES = 32;
  private static final int ROUTER_SOLICITED_OVERRIDE = 0xe000_0000;
  private static final int TARGET_LINK_ADDRESS = 2;
  private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;

  private final Link link;
  private final long[] addresses;

  /** Makes it for addresses, each as its upper and its lower half. */
  public NeighborResponder(Link link, long... addresses) {
    this.link = link;
    this.addresses = addresses;
  }

  /** Takes a solicitation, whose checksum is right. */
  public void receive(SwitchPort port, long mac, ByteBuffer frame, IpPacket packet) {
    int at = packet.payloadStart();
    if (packet.end() - at < 24 || packet.hopLimit() != 255) {
      return;
    }
    long high = frame.getLong(at + 8);
    long low = frame.getLong(at + 16);
    for (int i = 0; i < addresses.length; i += 2) {
      if (addresses[i] == high && addresses[i + 1] == low) {
        answer(port, mac, packet.sourceHigh(), packet.sourceLow(), high, low);
      }
    }
  }

  private void answer(
      SwitchPort port, long mac, long guestHigh, long guestLow, long high, long low) {
    ByteBuffer out = link.begin().bytes();
    int at = IpHeaders.payloadStart(true);
    // Who asks without an address looks for duplicates: the answer goes to all.
    boolean isUnspecified = guestHigh == 0 && guestLow == 0;
    out.putInt(at, ADVERTISEMENT << 24).putInt(at + 4, ROUTER_SOLICITED_OVERRIDE);
    out.putLong(at + 8, high).putLong(at + 16, low);
    out.putShort(at + 24, (short) (TARGET_LINK_ADDRESS << 8 | 1));
    IpHeaders.putMac(out, at + 26, link.mac());
    link.sendIcmp(
        port,
        mac,
        high,
        low,
        isUnspecified ? ALL_NODES_HIGH : guestHigh,
        isUnspecified ? 1 : guestLow,
        BYTES);
  }
}
