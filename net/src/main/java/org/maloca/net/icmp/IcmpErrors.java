package org.maloca.net.icmp;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.nat.Flow;
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

  /** Both halves of the address that stands for the gateway's own. */
  private static final int GATEWAY = 0;

  // Types and codes of both versions.
  private static final int NETWORK_UNREACHABLE4 = 3 << 8;
  private static final int HOST_UNREACHABLE4 = 3 << 8 | 1;
  private static final int NO_ROUTE6 = 1 << 8;
  private static final int ADDRESS_UNREACHABLE6 = 1 << 8 | 3;

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
    send(port, mac, bytes, packet, packet.isIpv6() ? NO_ROUTE6 : HOST_UNREACHABLE4);
  }

  /** The host's network did not take it, and said why; false if the guest is told no more now. */
  public boolean unreachable(
      SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet, IOException why) {
    return send(port, mac, bytes, packet, unreachable(packet.isIpv6(), why));
  }

  /** No way leads to that network; false if the guest is told no more for now. */
  public boolean networkUnreachable(SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    return send(port, mac, bytes, packet, packet.isIpv6() ? NO_ROUTE6 : NETWORK_UNREACHABLE4);
  }

  /**
   * Whether a connection failed for want of a way, which routers tell by ICMP; what else keeps
   * connections from being is told by TCP.
   */
  public static boolean isForWantOfAWay(Throwable failure) {
    return failure instanceof SocketException
        && !(failure instanceof ConnectException)
        && !(failure instanceof BindException);
  }

  private static int unreachable(boolean isIpv6, IOException why) {
    boolean isOneHost = why instanceof NoRouteToHostException;
    if (isIpv6) {
      return isOneHost ? ADDRESS_UNREACHABLE6 : NO_ROUTE6;
    }
    return isOneHost ? HOST_UNREACHABLE4 : NETWORK_UNREACHABLE4;
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

  private boolean send(
      SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet, int typeAndCode) {
    if (!isAnswered(bytes, packet) || !isWithinRate(port)) {
      return false;
    }
    int quoted = Math.min(packet.end() - packet.start(), QUOTED_BYTES);
    ByteBuffer out = link.begin().bytes();
    out.put(quoteStart(packet.isIpv6()), bytes, packet.start(), quoted);
    finish(
        port,
        mac,
        packet.sourceHigh(),
        packet.sourceLow(),
        typeAndCode,
        0,
        quoted,
        GATEWAY,
        GATEWAY);
    return true;
  }

  /**
   * The gateway says why a guest's flow gets no further.
   *
   * @param transportStart the first eight bytes of the guest's packet behind its IP header
   * @return false if the guest is told no more for now
   */
  public boolean unreachable(Flow flow, long transportStart, IOException why) {
    return tell(flow, transportStart, unreachable(flow.isIpv6(), why), 0, GATEWAY, GATEWAY);
  }

  /**
   * Passes on what somebody outside says of a packet of a guest's flow.
   *
   * @param transportStart the first eight bytes of the packet behind its IP header
   * @param information what the message has in its second word: the MTU, for "too big"
   * @param high the address of who says so, with {@code low}; 0 for the gateway
   * @return false if the guest is told no more for now
   */
  public boolean tell(
      Flow flow, long transportStart, int typeAndCode, int information, long high, long low) {
    SwitchPort port = flow.port();
    if (!isWithinRate(port)) {
      return false;
    }
    ByteBuffer bytes = link.begin().bytes();
    // The frame that the guest's packet was in, so that its IP header is where a quote belongs.
    int frame = quoteStart(flow.isIpv6()) - IpHeaders.ETHERNET_BYTES;
    int quoted = flow.quote(bytes.slice(frame, QUOTED_BYTES), transportStart);
    finish(
        port,
        flow.guestMac(),
        flow.guestHigh(),
        flow.guestLow(),
        typeAndCode,
        information,
        quoted,
        high,
        low);
    return true;
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
    ByteBuffer out = link.begin().bytes();
    out.put(quoteStart(isIpv6), request.quoted, 0, request.quotedBytes);
    finish(
        port,
        request.mac,
        request.guestHigh,
        request.guestLow,
        typeAndCode,
        mtuBytes,
        request.quotedBytes,
        high,
        low);
  }

  private static int quoteStart(boolean isIpv6) {
    return IpHeaders.payloadStart(isIpv6) + HEADER_BYTES;
  }

  /**
   * Puts the message's header in front of what is quoted, and sends it.
   *
   * @param high the address of who says so, with {@code low}. What the host says of itself comes
   *     from the gateway, which stands for it, and so does what comes from the other IP version
   */
  private void finish(
      SwitchPort port,
      long mac,
      long guestHigh,
      long guestLow,
      int typeAndCode,
      int information,
      int quotedBytes,
      long high,
      long low) {
    boolean isIpv6 = !IpBits.isIpv4(guestHigh, guestLow);
    int at = IpHeaders.payloadStart(isIpv6);
    link.frame()
        .bytes()
        .putShort(at, (short) typeAndCode)
        .putShort(at + CHECKSUM_OFFSET, (short) 0)
        .putInt(at + 4, information);
    boolean isOurs = IpBits.isBeyondNat(high, low) || IpBits.isIpv4(high, low) == isIpv6;
    link.sendIcmp(
        port,
        mac,
        isOurs ? isIpv6 ? high6 : high4 : high,
        isOurs ? isIpv6 ? low6 : low4 : low,
        guestHigh,
        guestLow,
        HEADER_BYTES + quotedBytes);
  }

  private boolean isWithinRate(SwitchPort port) {
    return rates.admit(port.number(), loop.nanos());
  }

  /** A machine has left. */
  public void forget(int portNumber) {
    rates.forget(portNumber);
  }
}
