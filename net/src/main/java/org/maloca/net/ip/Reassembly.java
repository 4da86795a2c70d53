package org.maloca.net.ip;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;

/**
 * Puts fragments together again (RFC 791, section 3.2; RFC 8200, section 4.5). A packet with
 * overlapping fragments is dropped whole, as RFC 5722 asks. Of each switch port at most {@link
 * #MAX_PER_PORT} packets are under way, the oldest gives way; after {@link #TIMEOUT_NANOS} an
 * unfinished one is dropped.
 */
public final class Reassembly {
  static final int MAX_PER_PORT = 16;
  static final int MAX_PACKETS = 128;
  static final long TIMEOUT_NANOS = 15_000_000_000L;

  private static final int MAX_PAYLOAD_BYTES = 65535;
  private static final int UNIT_BYTES = 8;
  private static final int IPV4_WITHOUT_OPTIONS = 0x45;
  private static final int IPV4_FRAGMENT = 6;
  private static final int IPV6_NEXT_HEADER = 6;

  private record Key(
      int port, long sourceHigh, long sourceLow, long destHigh, long destLow, int id, int proto) {}

  private static final class Partial {
    final long startedNanos;
    final BitSet have = new BitSet();
    byte[] bytes = new byte[2048];
    int totalBytes = -1;

    Partial(long startedNanos) {
      this.startedNanos = startedNanos;
    }
  }

  private final Map<Key, Partial> partials = new LinkedHashMap<>();

  /** Packets under way. */
  public int pending() {
    return partials.size();
  }

  /**
   * Takes a fragment of a packet that was parsed.
   *
   * @param whole takes a packet that is complete, but for its lengths and checksum
   * @return whether it is: then {@code packet} tells where it lies in {@code whole}
   */
  public boolean add(int port, NetFrame frame, IpPacket packet, NetFrame whole, long nowNanos) {
    expire(nowNanos);
    Key key =
        new Key(
            port,
            packet.sourceHigh,
            packet.sourceLow,
            packet.destinationHigh,
            packet.destinationLow,
            packet.fragmentId,
            packet.protocol);
    int length = packet.end - packet.payloadStart;
    int from = packet.fragmentOffset;
    boolean isLast = !packet.hasMoreFragments;
    boolean isNonsense =
        length == 0 || from + length > MAX_PAYLOAD_BYTES || !isLast && length % UNIT_BYTES != 0;
    if (isNonsense) {
      partials.remove(key);
      return false;
    }
    Partial partial = partials.get(key);
    if (partial == null) {
      makeRoom(port);
      partial = new Partial(nowNanos);
      partials.put(key, partial);
    }
    if (!put(partial, frame.bytes(), packet.payloadStart, from, length, isLast)) {
      partials.remove(key);
      return false;
    }
    int units = (partial.totalBytes + UNIT_BYTES - 1) / UNIT_BYTES;
    if (partial.totalBytes < 0 || partial.have.nextClearBit(0) < units) {
      return false;
    }
    partials.remove(key);
    return restore(partial, frame.bytes(), whole, packet);
  }

  private static boolean put(
      Partial partial, ByteBuffer frame, int start, int from, int length, boolean isLast) {
    int first = from / UNIT_BYTES;
    int behind = (from + length + UNIT_BYTES - 1) / UNIT_BYTES;
    int taken = partial.have.nextSetBit(first);
    boolean overlaps = taken >= 0 && taken < behind;
    boolean isBehindEnd = partial.totalBytes >= 0 && from + length > partial.totalBytes;
    boolean isShorter = isLast && (partial.totalBytes >= 0 || partial.have.length() > behind);
    if (overlaps || isBehindEnd || isShorter) {
      return false;
    }
    if (from + length > partial.bytes.length) {
      int size = Math.min(MAX_PAYLOAD_BYTES, Math.max(from + length, partial.bytes.length * 2));
      partial.bytes = java.util.Arrays.copyOf(partial.bytes, size);
    }
    frame.get(start, partial.bytes, from, length);
    partial.have.set(first, behind);
    if (isLast) {
      partial.totalBytes = from + length;
    }
    return true;
  }

  private static boolean restore(
      Partial partial, ByteBuffer last, NetFrame whole, IpPacket packet) {
    int headerBytes = packet.isIpv6 ? IpPacket.IPV6_HEADER_BYTES : IpPacket.IPV4_HEADER_BYTES;
    int at = packet.start + headerBytes;
    whole.clear();
    ByteBuffer bytes = whole.bytes();
    if (at + partial.totalBytes > bytes.capacity()) {
      return false;
    }
    putHeader(bytes, last, packet, headerBytes);
    bytes.put(at, partial.bytes, 0, partial.totalBytes);
    bytes.limit(at + partial.totalBytes);
    packet.payloadStart = at;
    packet.end = bytes.limit();
    packet.fragmentOffset = 0;
    packet.hasMoreFragments = false;
    packet.isDontFragment = false;
    return true;
  }

  /** The header that a packet would have had in one piece, for who quotes it. */
  private static void putHeader(
      ByteBuffer whole, ByteBuffer last, IpPacket packet, int headerBytes) {
    whole.put(packet.start, last, packet.start, headerBytes);
    if (packet.isIpv6) {
      whole.put(packet.start + IPV6_NEXT_HEADER, (byte) packet.protocol);
    } else {
      // Options were left out.
      whole.put(packet.start, (byte) IPV4_WITHOUT_OPTIONS);
      whole.putShort(packet.start + IPV4_FRAGMENT, (short) 0);
    }
  }

  private void expire(long nowNanos) {
    Iterator<Partial> oldestFirst = partials.values().iterator();
    while (oldestFirst.hasNext() && nowNanos - oldestFirst.next().startedNanos > TIMEOUT_NANOS) {
      oldestFirst.remove();
    }
  }

  private void makeRoom(int port) {
    int ofPort = 0;
    @Nullable Key oldest = null;
    for (Key key : partials.keySet()) {
      if (key.port == port) {
        oldest = oldest == null ? key : oldest;
        ofPort++;
      }
    }
    if (oldest != null && (ofPort >= MAX_PER_PORT || partials.size() >= MAX_PACKETS)) {
      partials.remove(oldest);
    } else if (partials.size() >= MAX_PACKETS) {
      partials.remove(partials.keySet().iterator().next());
    }
  }
}
