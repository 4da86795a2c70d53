package org.maloca.net.icmp;

import java.nio.ByteBuffer;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Link;
import org.maloca.net.nat.PortRates;

/**
 * Tells a guest why its packet went nowhere (RFC 792, RFC 4443), at most {@link #PER_SECOND} times
 * a second each machine. Guarded by the network's lock.
 */
public final class IcmpErrors {
  static final int PER_SECOND = 100;

  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_OFFSET = 2;
  private static final int QUOTED_BYTES = 512;

  private final Link link;
  private final EventLoop loop;
  private final PortRates rates = new PortRates(PER_SECOND, PER_SECOND);
  private final long high4;
  private final long low4;
  private final long high6;
  private final long low6;

  /** Makes the sender; its addresses are the gateway's. */
  public IcmpErrors(Link link, EventLoop loop, long high4, long low4, long high6, long low6) {
    this.link = link;
    this.loop = loop;
    this.high4 = high4;
    this.low4 = low4;
    this.high6 = high6;
    this.low6 = low6;
  }

  /** There is no way to it. */
  public void unreachable(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    send(port, mac, bytes, packet, packet.isIpv6() ? 1 << 8 : 3 << 8 | 1);
  }

  /** Nothing listens on the port. */
  public void portUnreachable(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    send(port, mac, bytes, packet, packet.isIpv6() ? 1 << 8 | 4 : 3 << 8 | 3);
  }

  /** Rules forbid it. */
  public void prohibited(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    send(port, mac, bytes, packet, packet.isIpv6() ? 1 << 8 | 1 : 3 << 8 | 13);
  }

  /** Its hop limit ends here. */
  public void timeExceeded(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    send(port, mac, bytes, packet, packet.isIpv6() ? 3 << 8 : 11 << 8);
  }

  private void send(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet, int typeAndCode) {
    if (!isAnswered(bytes, packet) || !isWithinRate(port)) {
      return;
    }
    boolean isIpv6 = packet.isIpv6();
    ByteBuffer out = begin(isIpv6, typeAndCode, 0);
    int quoted = Math.min(packet.end() - packet.start(), QUOTED_BYTES);
    out.put(IpHeaders.payloadStart(isIpv6) + HEADER_BYTES, bytes, packet.start(), quoted);
    link.sendIcmp(
        port,
        mac,
        isIpv6 ? high6 : high4,
        isIpv6 ? low6 : low4,
        packet.sourceHigh(),
        packet.sourceLow(),
        HEADER_BYTES + quoted);
  }

  /** Never an error about an error, nor about what is no part of any exchange. */
  private static boolean isAnswered(ByteBuffer bytes, IpPacket packet) {
    int at = packet.payloadStart();
    return switch (packet.protocol()) {
      case IpPacket.UDP, IpPacket.TCP -> true;
      case IpPacket.ICMP -> at < packet.end() && bytes.get(at) == IcmpEcho.REQUEST4;
      case IpPacket.ICMPV6 -> at < packet.end() && bytes.get(at) == (byte) IcmpEcho.REQUEST6;
      default -> false;
    };
  }

  /**
   * Passes on what somebody outside says of a guest's echo request.
   *
   * @param mtuBytes for "too big"; else 0
   * @param high the address of who says so, with {@code low}
   */
  void pass(EchoTable.Request request, int typeAndCode, int mtuBytes, long high, long low) {
    SwitchPort port = request.port;
    if (port == null || !isWithinRate(port)) {
      return;
    }
    boolean isIpv6 = !IpBits.isIpv4(request.guestHigh, request.guestLow);
    ByteBuffer out = begin(isIpv6, typeAndCode, mtuBytes);
    out.put(IpHeaders.payloadStart(isIpv6) + HEADER_BYTES, request.quoted, 0, request.quotedBytes);
    // What the host says of itself comes from the gateway, which stands for it.
    boolean isOurs = IpBits.isBeyondNat(high, low);
    link.sendIcmp(
        port,
        request.mac,
        isOurs ? isIpv6 ? high6 : high4 : high,
        isOurs ? isIpv6 ? low6 : low4 : low,
        request.guestHigh,
        request.guestLow,
        HEADER_BYTES + request.quotedBytes);
  }

  private ByteBuffer begin(boolean isIpv6, int typeAndCode, int information) {
    int at = IpHeaders.payloadStart(isIpv6);
    ByteBuffer out = link.begin().bytes();
    return out.putShort(at, (short) typeAndCode)
        .putShort(at + CHECKSUM_OFFSET, (short) 0)
        .putInt(at + 4, information);
  }

  private boolean isWithinRate(SwitchPort port) {
    return rates.admit(port.number(), loop.nanos());
  }

  /** A machine has left. */
  public void forget(int portNumber) {
    rates.forget(portNumber);
  }
}
