package org.maloca.net.icmp;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.Link;

/**
 * Tells a guest why its packet went nowhere (RFC 792, RFC 4443), at most {@link #PER_SECOND} times
 * a second. Guarded by the network's lock.
 */
public final class IcmpErrors {
  static final int PER_SECOND = 100;

  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_OFFSET = 2;
  private static final int QUOTED_BYTES = 512;

  private final Link link;
  private final LongSupplier clock;
  private final long high4;
  private final long low4;
  private final long high6;
  private final long low6;
  private long secondStartNanos;
  private int sentThisSecond;

  /** Makes the sender; its addresses are the gateway's. */
  public IcmpErrors(
      Link link, LongSupplier nanoClock, long high4, long low4, long high6, long low6) {
    this.link = link;
    clock = nanoClock;
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
    boolean isIpv6 = packet.isIpv6();
    // Only for what carries data: never an error about an error.
    boolean isAnswered = packet.protocol() == IpPacket.UDP || packet.protocol() == IpPacket.TCP;
    if (!isAnswered || !isWithinRate()) {
      return;
    }
    ByteBuffer out = link.begin().bytes();
    int at = IpHeaders.payloadStart(isIpv6);
    int quoted = Math.min(packet.end() - packet.start(), QUOTED_BYTES);
    out.putShort(at, (short) typeAndCode).putShort(at + 2, (short) 0).putInt(at + 4, 0);
    out.put(at + HEADER_BYTES, bytes, packet.start(), quoted);
    link.sendPacket(
        port,
        mac,
        isIpv6 ? high6 : high4,
        isIpv6 ? low6 : low4,
        packet.sourceHigh(),
        packet.sourceLow(),
        isIpv6 ? IpPacket.ICMPV6 : IpPacket.ICMP,
        HEADER_BYTES + quoted,
        CHECKSUM_OFFSET);
  }

  private boolean isWithinRate() {
    long now = clock.getAsLong();
    if (now - secondStartNanos > 1_000_000_000L) {
      secondStartNanos = now;
      sentThisSecond = 0;
    }
    return ++sentThisSecond <= PER_SECOND;
  }
}
