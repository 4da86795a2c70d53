package org.maloca.net.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;

/**
 * {@code struct virtio_net_hdr}, which Linux puts before the frames of a TAP interface opened with
 * {@code IFF_VNET_HDR}; in the host's byte order. Not thread-safe.
 */
final class VnetHeader {
  static final int BYTES = 10;

  private static final int FLAGS = 0;
  private static final int GSO_TYPE = 1;
  private static final int HDR_LEN = 2;
  private static final int GSO_SIZE = 4;
  private static final int CSUM_START = 6;
  private static final int CSUM_OFFSET = 8;

  private static final int F_NEEDS_CSUM = 1;
  private static final int F_DATA_VALID = 2;
  private static final int GSO_NONE = 0;
  private static final int GSO_TCPV4 = 1;
  private static final int GSO_TCPV6 = 4;
  private static final int GSO_ECN = 0x80;

  private final MemorySegment bytes;

  VnetHeader(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /** Says what is left to do for a frame to the host. */
  void describe(NetFrame frame) {
    int type =
        switch (frame.segmentation()) {
          case TCP_IPV4 -> GSO_TCPV4;
          case TCP_IPV6 -> GSO_TCPV6;
          case UDP, NONE -> GSO_NONE;
        };
    boolean isLarge = type != GSO_NONE;
    put8(FLAGS, frame.needsChecksum() ? F_NEEDS_CSUM : 0);
    put8(GSO_TYPE, isLarge && frame.hasEcn() ? type | GSO_ECN : type);
    put16(HDR_LEN, isLarge ? headerBytes(frame) : 0);
    put16(GSO_SIZE, isLarge ? frame.segmentBytes() : 0);
    put16(CSUM_START, frame.needsChecksum() ? frame.checksumStart() : 0);
    put16(CSUM_OFFSET, frame.needsChecksum() ? frame.checksumOffset() : 0);
  }

  /** Link, network and TCP header, of which the kernel wants the whole in one piece. */
  private static int headerBytes(NetFrame frame) {
    int tcp = frame.checksumStart();
    int dataOffset = tcp + 12;
    return dataOffset < frame.bytes().limit()
        ? tcp + (frame.bytes().get(dataOffset) >> 4 & 15) * 4
        : tcp;
  }

  /** Notes for a frame from the host, whose bytes are there, what the header tells. */
  void apply(NetFrame frame) {
    int flags = bytes.get(ValueLayout.JAVA_BYTE, FLAGS);
    if ((flags & F_NEEDS_CSUM) != 0) {
      frame.setChecksum(get16(CSUM_START), get16(CSUM_OFFSET));
    }
    frame.setChecksumGood((flags & F_DATA_VALID) != 0);
    int type = bytes.get(ValueLayout.JAVA_BYTE, GSO_TYPE) & 0xff;
    Segmentation kind =
        switch (type & ~GSO_ECN) {
          case GSO_TCPV4 -> Segmentation.TCP_IPV4;
          case GSO_TCPV6 -> Segmentation.TCP_IPV6;
          default -> Segmentation.NONE;
        };
    if (kind != Segmentation.NONE) {
      frame.setSegmentation(kind, get16(GSO_SIZE), (type & GSO_ECN) != 0);
    }
  }

  private void put8(int at, int value) {
    bytes.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }

  private void put16(int at, int value) {
    bytes.set(ValueLayout.JAVA_SHORT, at, (short) value);
  }

  private int get16(int at) {
    return bytes.get(ValueLayout.JAVA_SHORT, at) & 0xffff;
  }
}
