package org.maloca.net.icmp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.ip.IpPacket;

/**
 * Echo requests of guests that are on their way, by the sequence numbers that they have outside. A
 * machine has {@link #PER_PORT} at most; one is forgotten after {@link #PATIENCE_NANOS}. Guarded by
 * the network's lock; allocates only when made.
 */
final class EchoTable {
  static final int SIZE = 1024;
  static final int PER_PORT = 256;
  static final long PATIENCE_NANOS = 10_000_000_000L;

  /** What an error quotes of the guest's packet (RFC 792): the IP header and the ICMP header. */
  private static final int QUOTED_BYTES = 128;

  /** One request, as the guest sent it. */
  static final class Request {
    @Nullable SwitchPort port;
    long mac;
    long guestHigh;
    long guestLow;
    long targetHigh;
    long targetLow;

    /** Identifier and sequence number. */
    int guestNumbers;

    int sequence;
    long sentNanos;
    final byte[] quoted = new byte[QUOTED_BYTES];
    int quotedBytes;
  }

  private final Request[] requests = new Request[SIZE];
  private int next;

  EchoTable() {
    for (int i = 0; i < SIZE; i++) {
      requests[i] = new Request();
    }
  }

  /** Notes a guest's request; null when there is no room. */
  @Nullable Request add(
      SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet, long nowNanos) {
    int own = 0;
    for (Request request : requests) {
      own += request.port == port && isWaitedFor(request, nowNanos) ? 1 : 0;
    }
    if (own >= PER_PORT) {
      return null;
    }
    for (int i = 0; i < SIZE; i++) {
      int sequence = next++ & 0xffff;
      Request request = requests[sequence % SIZE];
      if (!isWaitedFor(request, nowNanos)) {
        fill(request, port, mac, bytes, packet);
        request.sequence = sequence;
        request.sentNanos = nowNanos;
        return request;
      }
    }
    return null;
  }

  private static boolean isWaitedFor(Request request, long nowNanos) {
    return request.port != null && nowNanos - request.sentNanos < PATIENCE_NANOS;
  }

  private static void fill(
      Request request, SwitchPort port, long mac, ByteBuffer bytes, IpPacket packet) {
    request.port = port;
    request.mac = mac;
    request.guestHigh = packet.sourceHigh();
    request.guestLow = packet.sourceLow();
    request.targetHigh = packet.destinationHigh();
    request.targetLow = packet.destinationLow();
    request.guestNumbers = bytes.getInt(packet.payloadStart() + 4);
    request.quotedBytes = Math.min(packet.end() - packet.start(), QUOTED_BYTES);
    bytes.get(packet.start(), request.quoted, 0, request.quotedBytes);
  }

  /**
   * The request with a sequence number, which is not waited for any more; null if there is none.
   */
  @Nullable Request find(int sequence) {
    Request request = requests[sequence % SIZE];
    return request.port != null && request.sequence == sequence ? request : null;
  }

  static void remove(Request request) {
    request.port = null;
  }
}
