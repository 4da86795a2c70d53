package org.maloca.net.ip;

import java.nio.ByteBuffer;
import org.maloca.core.backend.InternetChecksum;

/**
 * The header of a received packet taken apart: IPv4 (RFC 791) or IPv6 (RFC 8200) with its extension
 * headers. Made once and used for one packet after the other.
 */
public final class IpPacket {
  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;

  static final int IPV4_HEADER_BYTES = 20;
  static final int IPV6_HEADER_BYTES = 40;

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int MAX_EXTENSION_HEADERS = 8;

  boolean isIpv6;
  int start;
  int payloadStart;
  int end;
  int protocol;
  int hopLimit;
  long sourceHigh;
  long sourceLow;
  long destinationHigh;
  long destinationLow;
  int fragmentId;
  int fragmentOffset;
  boolean hasMoreFragments;
  boolean isDontFragment;

  /** Reads the header at a place; false if it is nonsense. */
  public boolean parse(ByteBuffer bytes, int at) {
    fragmentId = 0;
    fragmentOffset = 0;
    hasMoreFragments = false;
    start = at;
    if (at >= bytes.limit()) {
      return false;
    }
    return switch (bytes.get(at) >> 4 & 15) {
      case 4 -> parseIpv4(bytes);
      case 6 -> parseIpv6(bytes);
      default -> false;
    };
  }

  private boolean parseIpv4(ByteBuffer bytes) {
    int left = bytes.limit() - start;
    if (left < IPV4_HEADER_BYTES) {
      return false;
    }
    int headerBytes = (bytes.get(start) & 15) * 4;
    int total = bytes.getShort(start + 2) & 0xffff;
    if (headerBytes < IPV4_HEADER_BYTES || total < headerBytes || total > left) {
      return false;
    }
    payloadStart = start + headerBytes;
    if (InternetChecksum.fold(InternetChecksum.add(bytes, start, payloadStart, 0)) != 0xffff) {
      return false;
    }
    isIpv6 = false;
    end = start + total;
    fragmentId = bytes.getShort(start + 4) & 0xffff;
    int fragment = bytes.getShort(start + 6);
    fragmentOffset = (fragment & 0x1fff) * 8;
    hasMoreFragments = (fragment & 0x2000) != 0;
    isDontFragment = (fragment & 0x4000) != 0;
    hopLimit = bytes.get(start + 8) & 0xff;
    protocol = bytes.get(start + 9) & 0xff;
    sourceHigh = 0;
    sourceLow = IpBits.lowOfIpv4(bytes.getInt(start + 12));
    destinationHigh = 0;
    destinationLow = IpBits.lowOfIpv4(bytes.getInt(start + 16));
    return true;
  }

  private boolean parseIpv6(ByteBuffer bytes) {
    int left = bytes.limit() - start;
    if (left < IPV6_HEADER_BYTES) {
      return false;
    }
    int length = bytes.getShort(start + 4) & 0xffff;
    if (length > left - IPV6_HEADER_BYTES) {
      return false;
    }
    isIpv6 = true;
    isDontFragment = true;
    end = start + IPV6_HEADER_BYTES + length;
    hopLimit = bytes.get(start + 7) & 0xff;
    sourceHigh = bytes.getLong(start + 8);
    sourceLow = bytes.getLong(start + 16);
    destinationHigh = bytes.getLong(start + 24);
    destinationLow = bytes.getLong(start + 32);
    // A mapped address on the wire would be taken for one of IPv4 behind every check.
    return !IpBits.isIpv4(sourceHigh, sourceLow)
        && !IpBits.isIpv4(destinationHigh, destinationLow)
        && skipExtensions(bytes);
  }

  private boolean skipExtensions(ByteBuffer bytes) {
    int next = bytes.get(start + 6) & 0xff;
    int at = start + IPV6_HEADER_BYTES;
    for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
      boolean isFragment = next == FRAGMENT;
      if (!isFragment && next != HOP_BY_HOP && next != ROUTING && next != DESTINATION_OPTIONS) {
        protocol = next;
        payloadStart = at;
        return true;
      }
      if (at + 8 > end) {
        return false;
      }
      next = bytes.get(at) & 0xff;
      if (isFragment) {
        int fragment = bytes.getShort(at + 2) & 0xffff;
        fragmentOffset = fragment & 0xfff8;
        hasMoreFragments = (fragment & 1) != 0;
        fragmentId = bytes.getInt(at + 4);
        isDontFragment = false;
        // What is behind belongs to the whole packet's first fragment.
        protocol = next;
        payloadStart = at + 8;
        return true;
      }
      at += 8 + (bytes.get(at + 1) & 0xff) * 8;
      if (at > end) {
        return false;
      }
    }
    return false;
  }

  /** Whether it is only a part of a packet. */
  public boolean isFragment() {
    return fragmentOffset != 0 || hasMoreFragments;
  }

  /**
   * Whether no router may cut it up: by DF, and with IPv6 whatever its sender has not cut up
   * itself.
   */
  public boolean isDontFragment() {
    return isDontFragment;
  }

  /** Whether the checksum of TCP, UDP or ICMPv6 over the payload is right. */
  public boolean isTransportChecksumRight(ByteBuffer bytes) {
    long sum = protocol == ICMP ? 0 : pseudoHeaderSum();
    return InternetChecksum.fold(InternetChecksum.add(bytes, payloadStart, end, sum)) == 0xffff;
  }

  private long pseudoHeaderSum() {
    return IpHeaders.pseudoHeaderSum(
        sourceHigh, sourceLow, destinationHigh, destinationLow, protocol, end - payloadStart);
  }

  public boolean isIpv6() {
    return isIpv6;
  }

  public int start() {
    return start;
  }

  public int payloadStart() {
    return payloadStart;
  }

  /** Behind the last byte of the packet; the frame may be padded beyond. */
  public int end() {
    return end;
  }

  public int protocol() {
    return protocol;
  }

  public int hopLimit() {
    return hopLimit;
  }

  public long sourceHigh() {
    return sourceHigh;
  }

  public long sourceLow() {
    return sourceLow;
  }

  public long destinationHigh() {
    return destinationHigh;
  }

  public long destinationLow() {
    return destinationLow;
  }
}
