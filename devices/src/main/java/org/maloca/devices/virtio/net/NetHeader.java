package org.maloca.devices.virtio.net;

import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;

/**
 * What goes before each frame in a queue (virtio 1.2, section 5.1.6): {@code struct
 * virtio_net_hdr}, little-endian. Not thread-safe.
 */
final class NetHeader {
  /** Length without the number of buffers, which older drivers do not know. */
  static final int SHORT_BYTES = 10;

  static final int BYTES = 12;

  private static final int FLAGS = 0;
  private static final int GSO_TYPE = 1;
  private static final int HDR_LEN = 2;
  private static final int GSO_SIZE = 4;
  private static final int CSUM_START = 6;
  private static final int CSUM_OFFSET = 8;
  private static final int NUM_BUFFERS = 10;

  private static final int F_NEEDS_CSUM = 1;
  private static final int F_DATA_VALID = 2;
  private static final int GSO_NONE = 0;
  private static final int GSO_TCPV4 = 1;
  private static final int GSO_TCPV6 = 4;
  private static final int GSO_ECN = 0x80;

  /** The bytes, to be filled before {@link #apply} and read after {@link #describe}. */
  final byte[] bytes = new byte[BYTES];

  /**
   * Says of a frame from the guest, whose bytes are there, what the header tells.
   *
   * @param features that the driver has accepted
   * @return false when the header is nonsense or asks for what was not negotiated
   */
  boolean apply(NetFrame frame, long features) {
    int flags = bytes[FLAGS];
    if ((flags & F_NEEDS_CSUM) != 0) {
      int start = half(CSUM_START);
      int offset = half(CSUM_OFFSET);
      if ((features & NetFeatures.CSUM) == 0 || start + offset + 2 > frame.bytes().limit()) {
        return false;
      }
      frame.setChecksum(start, offset);
    }
    int type = bytes[GSO_TYPE] & 0xff;
    return type == GSO_NONE || applySegmentation(frame, type, features);
  }

  private boolean applySegmentation(NetFrame frame, int type, long features) {
    boolean hasEcn = (type & GSO_ECN) != 0;
    int size = half(GSO_SIZE);
    long needed = hasEcn ? NetFeatures.HOST_ECN : 0;
    Segmentation kind;
    switch (type & ~GSO_ECN) {
      case GSO_TCPV4 -> {
        kind = Segmentation.TCP_IPV4;
        needed |= NetFeatures.HOST_TSO4;
      }
      case GSO_TCPV6 -> {
        kind = Segmentation.TCP_IPV6;
        needed |= NetFeatures.HOST_TSO6;
      }
      default -> {
        return false;
      }
    }
    if ((features & needed) != needed || size == 0 || !frame.needsChecksum()) {
      return false;
    }
    frame.setSegmentation(kind, size, hasEcn);
    return true;
  }

  /** Becomes the header of a frame to the guest. */
  void describe(NetFrame frame) {
    int flags = frame.needsChecksum() ? F_NEEDS_CSUM : frame.isChecksumGood() ? F_DATA_VALID : 0;
    int type =
        switch (frame.segmentation()) {
          case TCP_IPV4 -> GSO_TCPV4;
          case TCP_IPV6 -> GSO_TCPV6;
          case UDP, NONE -> GSO_NONE;
        };
    boolean isLarge = type != GSO_NONE;
    bytes[FLAGS] = (byte) flags;
    bytes[GSO_TYPE] = (byte) (isLarge && frame.hasEcn() ? type | GSO_ECN : type);
    put(HDR_LEN, 0);
    put(GSO_SIZE, isLarge ? frame.segmentBytes() : 0);
    put(CSUM_START, frame.needsChecksum() ? frame.checksumStart() : 0);
    put(CSUM_OFFSET, frame.needsChecksum() ? frame.checksumOffset() : 0);
  }

  /** Sets over how many buffers the frame goes. */
  void setBuffers(int count) {
    put(NUM_BUFFERS, count);
  }

  private int half(int offset) {
    return bytes[offset] & 0xff | (bytes[offset + 1] & 0xff) << 8;
  }

  private void put(int offset, int value) {
    bytes[offset] = (byte) value;
    bytes[offset + 1] = (byte) (value >>> 8);
  }
}
