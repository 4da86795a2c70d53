package org.maloca.net.tcp;

import java.nio.ByteBuffer;
import org.maloca.core.backend.InternetChecksum;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.Link;

/** Builds TCP segments and gives them to guests, large ones where the guest takes them. */
final class SegmentWriter {
  static final int CHECKSUM_OFFSET = 16;
  private static final int MAX_LARGE_BYTES = 65535 - 40 - 60;
  private static final int MAX_SACK_BLOCKS = 3;
  private static final int NOP = 1;

  private final Link link;

  SegmentWriter(Link link) {
    this.link = link;
  }

  /** Most bytes of data in one segment to a guest. */
  static int maxData(SwitchPort port, boolean isIpv6, int mss) {
    int needed = NetBackend.CHECKSUM | (isIpv6 ? NetBackend.TCP_IPV6 : NetBackend.TCP_IPV4);
    return (port.features() & needed) == needed ? MAX_LARGE_BYTES / mss * mss : mss;
  }

  /** Sends a segment of a connection; false if the guest has no room for it. */
  boolean send(TcpConnection of, int sequence, int flags, int distance, int dataBytes) {
    NetFrame frame = link.begin();
    ByteBuffer bytes = frame.bytes();
    int tcp = IpHeaders.payloadStart(of.isIpv6());
    boolean isSyn = (flags & TcpSegment.SYN) != 0;
    int options = isSyn ? putSynOptions(bytes, tcp, of) : putOptions(bytes, tcp, of);
    int headerBytes = TcpSegment.HEADER_BYTES + options;
    int data = Math.min(dataBytes, dataBytes > of.send.mss ? dataBytes : of.send.mss - options);
    putHeader(bytes, tcp, of.remotePort(), of.guestPort(), sequence, of.acknowledgement(flags));
    bytes.putShort(tcp + 12, (short) (headerBytes / 4 << 12 | flags));
    bytes.putShort(tcp + 14, (short) of.windowField(isSyn));
    of.send.queue.copy(distance, bytes, tcp + headerBytes, data);
    bytes.limit(tcp + headerBytes + data);
    if (data > of.send.mss) {
      frame.setSegmentation(
          of.isIpv6() ? Segmentation.TCP_IPV6 : Segmentation.TCP_IPV4,
          of.send.mss - options,
          false);
    }
    of.putIpHeader(bytes, link.mac(), headerBytes + data);
    long pseudo = of.pseudoHeaderSum(headerBytes + data);
    finish(frame, tcp, pseudo, of.port().features());
    boolean isSent = of.port().deliver(frame);
    if (isSent) {
      of.lastSentBytes = data;
    }
    return isSent;
  }

  /** Answers a segment that belongs to no connection by a reset (RFC 9293, section 3.10.7.1). */
  void reset(SwitchPort port, long guestMac, IpPacket packet, TcpSegment segment) {
    boolean hasAck = segment.has(TcpSegment.ACK);
    int length =
        segment.dataBytes
            + (segment.has(TcpSegment.SYN) ? 1 : 0)
            + (segment.has(TcpSegment.FIN) ? 1 : 0);
    NetFrame frame = link.begin();
    ByteBuffer bytes = frame.bytes();
    int tcp = IpHeaders.payloadStart(packet.isIpv6());
    putHeader(
        bytes,
        tcp,
        segment.destinationPort,
        segment.sourcePort,
        hasAck ? segment.acknowledgement : 0,
        hasAck ? 0 : segment.sequence + length);
    int flags = hasAck ? TcpSegment.RST : TcpSegment.RST | TcpSegment.ACK;
    bytes.putShort(tcp + 12, (short) (5 << 12 | flags));
    bytes.putShort(tcp + 14, (short) 0);
    bytes.limit(tcp + TcpSegment.HEADER_BYTES);
    IpHeaders.put(
        bytes,
        guestMac,
        link.mac(),
        packet.destinationHigh(),
        packet.destinationLow(),
        packet.sourceHigh(),
        packet.sourceLow(),
        IpPacket.TCP,
        TcpSegment.HEADER_BYTES);
    long pseudo =
        IpHeaders.pseudoHeaderSum(
            packet.destinationHigh(),
            packet.destinationLow(),
            packet.sourceHigh(),
            packet.sourceLow(),
            IpPacket.TCP,
            TcpSegment.HEADER_BYTES);
    finish(frame, tcp, pseudo, 0);
    if (!port.deliver(frame)) {
      port.noteDropped();
    }
  }

  private static void putHeader(
      ByteBuffer bytes, int tcp, int source, int destination, int sequence, int ack) {
    bytes.putShort(tcp, (short) source).putShort(tcp + 2, (short) destination);
    bytes.putInt(tcp + 4, sequence).putInt(tcp + 8, ack);
    bytes.putInt(tcp + CHECKSUM_OFFSET, 0);
  }

  private static void finish(NetFrame frame, int tcp, long pseudo, int features) {
    ByteBuffer bytes = frame.bytes();
    int at = tcp + CHECKSUM_OFFSET;
    if ((features & NetBackend.CHECKSUM) != 0) {
      bytes.putShort(at, (short) InternetChecksum.fold(pseudo));
      frame.setChecksum(tcp, CHECKSUM_OFFSET);
    } else {
      long sum = InternetChecksum.add(bytes, tcp, bytes.limit(), pseudo);
      bytes.putShort(at, (short) InternetChecksum.finish(sum));
    }
  }

  private static int putSynOptions(ByteBuffer bytes, int tcp, TcpConnection of) {
    int at = tcp + TcpSegment.HEADER_BYTES;
    int mss = of.isIpv6() ? Link.MTU - 60 : Link.MTU - 40;
    bytes.putInt(at, TcpSegment.OPTION_MSS << 24 | 4 << 16 | mss);
    at += 4;
    if (of.offersScale()) {
      bytes.putInt(
          at, NOP << 24 | TcpSegment.OPTION_WINDOW_SCALE << 16 | 3 << 8 | ReceiveSide.WINDOW_SCALE);
      at += 4;
    }
    if (of.offersSack()) {
      bytes.putInt(at, NOP << 24 | NOP << 16 | TcpSegment.OPTION_SACK_PERMITTED << 8 | 2);
      at += 4;
    }
    if (of.offersTimestamps()) {
      at += putTimestamps(bytes, at, of);
    }
    return at - tcp - TcpSegment.HEADER_BYTES;
  }

  private static int putTimestamps(ByteBuffer bytes, int at, TcpConnection of) {
    int start = NOP << 24 | NOP << 16 | TcpSegment.OPTION_TIMESTAMPS << 8;
    bytes.putInt(at, start | TcpSegment.TIMESTAMPS_BYTES);
    bytes.putInt(at + 4, of.timestamp()).putInt(at + 8, of.timestampEcho());
    return 2 + TcpSegment.TIMESTAMPS_BYTES;
  }

  private static int sackBlocks(TcpConnection of) {
    return of.offersSack() ? Math.min(of.receive.early.count(), MAX_SACK_BLOCKS) : 0;
  }

  /** Bytes of options in a segment that is sent now, but for a SYN. */
  static int optionBytes(TcpConnection of) {
    int blocks = sackBlocks(of);
    return (of.offersTimestamps() ? 2 + TcpSegment.TIMESTAMPS_BYTES : 0)
        + (blocks == 0 ? 0 : 4 + blocks * 8);
  }

  private static int putOptions(ByteBuffer bytes, int tcp, TcpConnection of) {
    int start = tcp + TcpSegment.HEADER_BYTES;
    int timestamps = of.offersTimestamps() ? putTimestamps(bytes, start, of) : 0;
    return timestamps + putSackOption(bytes, start + timestamps, of);
  }

  private static int putSackOption(ByteBuffer bytes, int at, TcpConnection of) {
    SequenceRanges early = of.receive.early;
    int blocks = sackBlocks(of);
    if (blocks == 0) {
      return 0;
    }
    int length = 2 + blocks * 8;
    bytes.putInt(at, NOP << 24 | NOP << 16 | TcpSegment.OPTION_SACK << 8 | length);
    // The one that holds what came last first (RFC 2018, section 4), the rest in turn.
    int first = Math.max(0, early.indexOf(of.lastSequence));
    for (int i = 0; i < blocks; i++) {
      int index = (first + i) % early.count();
      bytes.putInt(at + 4 + i * 8, early.from(index)).putInt(at + 8 + i * 8, early.to(index));
    }
    return 4 + blocks * 8;
  }
}
