package org.maloca.net.frame;

import java.nio.ByteBuffer;
import org.maloca.core.backend.InternetChecksum;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;

/**
 * Does what a guest left to its card: fills in checksums, and cuts large frames into those that
 * they stand for (virtio 1.2, section 5.1.6.2), so that a peer sees plain Ethernet. TCP segments
 * get their sequence numbers (RFC 9293), UDP datagrams their lengths (as Linux's {@code
 * UDP_SEGMENT}).
 *
 * <p>Nothing in a frame is believed: headers that do not fit what the guest says of them, and
 * frames that would fall apart into more than {@link #MAX_SEGMENTS}, are refused. Not thread-safe;
 * allocates only when made.
 */
public final class FrameSegmenter {
  /** As many as 64 KiB make at the smallest sensible segment size. */
  public static final int MAX_SEGMENTS = 1400;

  private static final int ETHERNET_BYTES = 14;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int ETHERTYPE_VLAN = 0x8100;
  private static final int ETHERTYPE_SERVICE_VLAN = 0x88a8;
  private static final int MAX_VLAN_TAGS = 2;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int MAX_EXTENSION_HEADERS = 8;
  private static final int FRAGMENT_BITS = 0x3fff;

  private static final int TCP_FIN = 0x01;
  private static final int TCP_PSH = 0x08;
  private static final int TCP_CWR = 0x80;

  private final ByteBuffer segment = ByteBuffer.allocateDirect(NetFrame.MAX_BYTES);

  // The frame's layout.
  private boolean isIpv6;
  private int ipStart;
  private int transportStart;
  private int headerBytes;

  /** Takes whole frames. */
  @FunctionalInterface
  public interface Sink {
    /** The frame's bytes, from the position to the limit, until the call returns. */
    void accept(ByteBuffer frame);
  }

  /**
   * Gives the frames that a frame stands for, finished, in order.
   *
   * @return false if the frame is nonsense and nothing was given
   */
  public boolean segment(NetFrame frame, Sink sink) {
    ByteBuffer bytes = frame.bytes();
    if (frame.segmentation() == Segmentation.NONE) {
      if (!frame.completeChecksum()) {
        return false;
      }
      sink.accept(bytes);
      bytes.position(0);
      return true;
    }
    if (!locateHeaders(frame)) {
      return false;
    }
    int payload = bytes.limit() - headerBytes;
    int size = frame.segmentBytes();
    int count = size <= 0 ? MAX_SEGMENTS + 1 : Math.max(1, (payload + size - 1) / size);
    if (count > MAX_SEGMENTS) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      int from = i * size;
      int length = Math.min(size, payload - from);
      segment.clear();
      segment.put(0, bytes, 0, headerBytes);
      segment.put(headerBytes, bytes, headerBytes + from, length);
      segment.limit(headerBytes + length);
      finishIp(i);
      if (frame.segmentation() == Segmentation.UDP) {
        finishUdp();
      } else {
        finishTcp(from, i == 0, i == count - 1);
      }
      sink.accept(segment);
    }
    return true;
  }

  /** How many frames a frame stands for, at least 1; not exact for nonsense. */
  public static int count(NetFrame frame) {
    int size = frame.segmentBytes();
    if (frame.segmentation() == Segmentation.NONE || size <= 0) {
      return 1;
    }
    return Math.clamp((frame.bytes().limit() + size - 1) / size, 1, MAX_SEGMENTS);
  }

  private boolean locateHeaders(NetFrame frame) {
    ByteBuffer bytes = frame.bytes();
    int limit = bytes.limit();
    int typeAt = ETHERNET_BYTES - 2;
    for (int tags = 0; ; tags++, typeAt += 4) {
      if (typeAt + 2 > limit) {
        return false;
      }
      int type = bytes.getShort(typeAt) & 0xffff;
      if (type != ETHERTYPE_VLAN && type != ETHERTYPE_SERVICE_VLAN || tags == MAX_VLAN_TAGS) {
        break;
      }
    }
    ipStart = typeAt + 2;
    boolean isUdp = frame.segmentation() == Segmentation.UDP;
    int protocol = isUdp ? UDP : TCP;
    boolean isLocated =
        switch (bytes.getShort(typeAt) & 0xffff) {
          case ETHERTYPE_IPV4 ->
              frame.segmentation() != Segmentation.TCP_IPV6 && locateIpv4Transport(bytes, protocol);
          case ETHERTYPE_IPV6 ->
              frame.segmentation() != Segmentation.TCP_IPV4 && locateIpv6Transport(bytes, protocol);
          default -> false;
        };
    if (!isLocated || transportStart + (isUdp ? 8 : 20) > limit) {
      return false;
    }
    int transportBytes = isUdp ? 8 : (bytes.get(transportStart + 12) >> 4 & 15) * 4;
    headerBytes = transportStart + transportBytes;
    return transportBytes >= (isUdp ? 8 : 20) && headerBytes <= limit;
  }

  private boolean locateIpv4Transport(ByteBuffer bytes, int protocol) {
    isIpv6 = false;
    if (ipStart + 20 > bytes.limit()) {
      return false;
    }
    int length = (bytes.get(ipStart) & 15) * 4;
    transportStart = ipStart + length;
    return bytes.get(ipStart) >> 4 == 4
        && length >= 20
        && bytes.get(ipStart + 9) == protocol
        && (bytes.getShort(ipStart + 6) & FRAGMENT_BITS) == 0;
  }

  private boolean locateIpv6Transport(ByteBuffer bytes, int protocol) {
    isIpv6 = true;
    if (ipStart + 40 > bytes.limit() || bytes.get(ipStart) >> 4 != 6) {
      return false;
    }
    int next = bytes.get(ipStart + 6) & 0xff;
    int at = ipStart + 40;
    for (int i = 0; i < MAX_EXTENSION_HEADERS && isExtension(next); i++) {
      if (at + 8 > bytes.limit()) {
        return false;
      }
      next = bytes.get(at) & 0xff;
      at += 8 + (bytes.get(at + 1) & 0xff) * 8;
    }
    transportStart = at;
    return next == protocol;
  }

  private static boolean isExtension(int header) {
    return header == HOP_BY_HOP || header == ROUTING || header == DESTINATION_OPTIONS;
  }

  private void finishIp(int index) {
    int length = segment.limit() - ipStart;
    if (isIpv6) {
      segment.putShort(ipStart + 4, (short) (length - 40));
      return;
    }
    segment.putShort(ipStart + 2, (short) length);
    segment.putShort(ipStart + 4, (short) (segment.getShort(ipStart + 4) + index));
    segment.putShort(ipStart + 10, (short) 0);
    int sum = InternetChecksum.finish(InternetChecksum.add(segment, ipStart, transportStart, 0));
    segment.putShort(ipStart + 10, (short) sum);
  }

  private void finishTcp(int offset, boolean isFirst, boolean isLast) {
    segment.putInt(transportStart + 4, segment.getInt(transportStart + 4) + offset);
    int flags = segment.get(transportStart + 13);
    flags &= isFirst ? -1 : ~TCP_CWR;
    flags &= isLast ? -1 : ~(TCP_FIN | TCP_PSH);
    segment.put(transportStart + 13, (byte) flags);
    segment.putShort(transportStart + 16, (short) 0);
    segment.putShort(transportStart + 16, (short) InternetChecksum.finish(sumTransport(TCP)));
  }

  private void finishUdp() {
    segment.putShort(transportStart + 4, (short) (segment.limit() - transportStart));
    segment.putShort(transportStart + 6, (short) 0);
    int sum = InternetChecksum.finish(sumTransport(UDP));
    segment.putShort(transportStart + 6, (short) (sum == 0 ? 0xffff : sum));
  }

  private long sumTransport(int protocol) {
    int addresses = ipStart + (isIpv6 ? 8 : 12);
    int addressesEnd = addresses + (isIpv6 ? 32 : 8);
    long pseudo = (long) protocol + (segment.limit() - transportStart);
    long sum = InternetChecksum.add(segment, addresses, addressesEnd, pseudo);
    return InternetChecksum.add(segment, transportStart, segment.limit(), sum);
  }
}
