package org.maloca.net.nat;

import java.nio.ByteBuffer;
import org.maloca.core.backend.InternetChecksum;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;

/**
 * The gateway's sending side: one frame to build packets in, and its link address. Guarded by the
 * network's lock.
 */
public final class Link {
  /** Offset of the checksum in an ICMP message. */
  private static final int ICMP_CHECKSUM = 2;

  /** What an Ethernet frame carries. */
  public static final int MTU = 1500;

  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int FRAGMENT_HEADER_BYTES = 8;
  private static final int FRAGMENT_HEADER = 44;

  private final long mac;
  private final NetFrame frame = new NetFrame();
  private final NetFrame fragment = new NetFrame();
  private int fragmentId;

  /** Makes the sending side. */
  public Link(long mac) {
    this.mac = mac;
  }

  public long mac() {
    return mac;
  }

  /** The frame to build in; emptied. */
  public NetFrame begin() {
    frame.clear();
    return frame;
  }

  /** The frame that is being built. */
  public NetFrame frame() {
    return frame;
  }

  /** Sends an ICMP message of the addresses' IP version, as {@link #sendPacket} sends a packet. */
  public void sendIcmp(
      SwitchPort port,
      long guestMac,
      long sourceHigh,
      long sourceLow,
      long guestHigh,
      long guestLow,
      int messageBytes) {
    sendPacket(
        port,
        guestMac,
        sourceHigh,
        sourceLow,
        guestHigh,
        guestLow,
        IpBits.isIpv4(sourceHigh, sourceLow) ? IpPacket.ICMP : IpPacket.ICMPV6,
        messageBytes,
        ICMP_CHECKSUM);
  }

  /**
   * Sends a UDP or ICMP packet whose payload is in the frame already, at {@link
   * IpHeaders#payloadStart}; writes the headers and the checksum, and cuts it if it is long.
   * Dropped when the guest has no room.
   *
   * @param checksumOffset of the checksum in the payload; the field is 0
   */
  public void sendPacket(
      SwitchPort port,
      long guestMac,
      long sourceHigh,
      long sourceLow,
      long guestHigh,
      long guestLow,
      int protocol,
      int payloadBytes,
      int checksumOffset) {
    ByteBuffer bytes = frame.bytes();
    boolean isIpv6 = !IpBits.isIpv4(sourceHigh, sourceLow);
    int start = IpHeaders.payloadStart(isIpv6);
    bytes.limit(start + payloadBytes).position(0);
    IpHeaders.put(
        bytes, guestMac, mac, sourceHigh, sourceLow, guestHigh, guestLow, protocol, payloadBytes);
    long sum =
        protocol == IpPacket.ICMP
            ? 0
            : IpHeaders.pseudoHeaderSum(
                sourceHigh, sourceLow, guestHigh, guestLow, protocol, payloadBytes);
    int checksum =
        InternetChecksum.finish(InternetChecksum.add(bytes, start, start + payloadBytes, sum));
    boolean wouldSayNone = checksum == 0 && protocol == IpPacket.UDP;
    bytes.putShort(start + checksumOffset, (short) (wouldSayNone ? 0xffff : checksum));
    if (start - IpHeaders.ETHERNET_BYTES + payloadBytes <= MTU) {
      drop(port, port.deliver(frame));
    } else {
      sendFragments(port, isIpv6, start, payloadBytes);
    }
  }

  private static void drop(SwitchPort port, boolean isDelivered) {
    if (!isDelivered) {
      port.noteDropped();
    }
  }

  private void sendFragments(SwitchPort port, boolean isIpv6, int start, int payloadBytes) {
    ByteBuffer whole = frame.bytes();
    int ip = IpHeaders.ETHERNET_BYTES;
    int header = start + (isIpv6 ? FRAGMENT_HEADER_BYTES : 0);
    int room = (MTU - (header - ip)) & ~7;
    fragmentId++;
    for (int from = 0; from < payloadBytes; from += room) {
      int length = Math.min(room, payloadBytes - from);
      boolean isLast = from + length == payloadBytes;
      fragment.clear();
      ByteBuffer bytes = fragment.bytes();
      bytes.put(0, whole, 0, start).put(header, whole, start + from, length);
      if (isIpv6) {
        bytes.put(start, whole.get(ip + 6));
        bytes.put(start + 1, (byte) 0);
        bytes.putShort(start + 2, (short) (from | (isLast ? 0 : 1)));
        bytes.putInt(start + 4, fragmentId);
        bytes.put(ip + 6, (byte) FRAGMENT_HEADER);
        bytes.putShort(ip + 4, (short) (FRAGMENT_HEADER_BYTES + length));
      } else {
        bytes.putShort(ip + 2, (short) (start - ip + length));
        bytes.putShort(ip + 4, (short) fragmentId);
        bytes.putShort(ip + 6, (short) (from >> 3 | (isLast ? 0 : MORE_FRAGMENTS)));
        IpHeaders.finishIpv4(bytes);
      }
      bytes.limit(header + length);
      drop(port, port.deliver(fragment));
    }
  }
}
