package org.maloca.core.backend;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * An Ethernet frame, or a large one that stands for many: the bytes from the destination address
 * on, without frame check sequence, and what is left to do for its checksum and segmentation. The
 * meaning of the fields is that of {@code struct virtio_net_hdr} (virtio 1.2, section 5.1.6).
 *
 * <p>Made once and used for one frame after the other. Not thread-safe; who is handed a frame may
 * use it until the call returns.
 */
public final class NetFrame {
  /** Room for a segment of 64 KiB with all its headers. */
  public static final int MAX_BYTES = 65536 + 128;

  /** How a large frame is to be cut. */
  public enum Segmentation {
    NONE,
    TCP_IPV4,
    TCP_IPV6,
    UDP
  }

  private static final int UDP_CHECKSUM_OFFSET = 6;

  private final ByteBuffer bytes;
  private final long hostAddress;
  private boolean needsChecksum;
  private boolean isChecksumGood;
  private int checksumStart;
  private int checksumOffset;
  private Segmentation segmentation = Segmentation.NONE;
  private int segmentBytes;
  private boolean hasEcn;

  /** Makes an empty frame with room for {@link #MAX_BYTES}. */
  public NetFrame() {
    bytes = ByteBuffer.allocateDirect(MAX_BYTES);
    hostAddress = MemorySegment.ofBuffer(bytes).address();
  }

  /** Where the bytes lie, as long as the frame is in use. */
  public long hostAddress() {
    return hostAddress;
  }

  /** The frame's bytes, direct, big-endian; from position 0 to the limit. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Empties it: no bytes, nothing to do. The buffer's limit is its capacity. */
  public void clear() {
    bytes.clear();
    needsChecksum = false;
    isChecksumGood = false;
    checksumStart = 0;
    checksumOffset = 0;
    segmentation = Segmentation.NONE;
    segmentBytes = 0;
    hasEcn = false;
  }

  /** Becomes a copy of another frame. */
  public void copyFrom(NetFrame other) {
    int length = other.bytes.limit();
    bytes.clear().put(0, other.bytes, 0, length).limit(length);
    needsChecksum = other.needsChecksum;
    isChecksumGood = other.isChecksumGood;
    checksumStart = other.checksumStart;
    checksumOffset = other.checksumOffset;
    segmentation = other.segmentation;
    segmentBytes = other.segmentBytes;
    hasEcn = other.hasEcn;
  }

  /**
   * Whether the Internet checksum over the bytes from {@link #checksumStart} to the end is still to
   * be put at {@link #checksumOffset} behind that; the pseudo-header's sum is there already.
   */
  public boolean needsChecksum() {
    return needsChecksum;
  }

  public int checksumStart() {
    return checksumStart;
  }

  public int checksumOffset() {
    return checksumOffset;
  }

  /** Says that the checksum is to be filled in. */
  public void setChecksum(int start, int offset) {
    needsChecksum = true;
    checksumStart = start;
    checksumOffset = offset;
  }

  /** Says that it is done. */
  public void clearChecksum() {
    needsChecksum = false;
  }

  /**
   * Fills the checksum in if that is still to be done, in place.
   *
   * @return false if it would lie outside the frame
   */
  public boolean completeChecksum() {
    if (!needsChecksum) {
      return true;
    }
    int at = checksumStart + checksumOffset;
    if (checksumStart < 0 || checksumOffset < 0 || at < 0 || at > bytes.limit() - 2) {
      return false;
    }
    int sum = InternetChecksum.finish(InternetChecksum.add(bytes, checksumStart, bytes.limit(), 0));
    // By UDP a checksum of 0 says that there is none; the other zero means the same sum.
    boolean isUdp = checksumOffset == UDP_CHECKSUM_OFFSET;
    bytes.putShort(at, (short) (sum == 0 && isUdp ? 0xffff : sum));
    needsChecksum = false;
    return true;
  }

  /** Whether the transport checksum was found right, so that nobody need look again. */
  public boolean isChecksumGood() {
    return isChecksumGood;
  }

  public void setChecksumGood(boolean isGood) {
    isChecksumGood = isGood;
  }

  public Segmentation segmentation() {
    return segmentation;
  }

  /** Payload bytes of each of the segments that the frame stands for. */
  public int segmentBytes() {
    return segmentBytes;
  }

  /** Whether the TCP header has the CWR flag, which only the first segment keeps. */
  public boolean hasEcn() {
    return hasEcn;
  }

  /** Says that the frame stands for several, of {@code segmentBytes} payload bytes each. */
  public void setSegmentation(Segmentation kind, int payloadBytes, boolean ecn) {
    segmentation = kind;
    segmentBytes = payloadBytes;
    hasEcn = ecn;
  }
}
