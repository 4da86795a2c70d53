package org.maloca.net.limit;

import org.jspecify.annotations.Nullable;

/** The buckets of one direction. Not thread-safe. */
final class Throttle {
  private final @Nullable TokenBucket bytes;
  private final @Nullable TokenBucket packets;

  Throttle(RateLimit limit, long nowNanos) {
    bytes =
        limit.bytesPerSecond() == 0
            ? null
            : new TokenBucket(limit.bytesPerSecond(), Math.max(1, limit.burstBytes()), nowNanos);
    packets =
        limit.packetsPerSecond() == 0
            ? null
            : new TokenBucket(
                limit.packetsPerSecond(), Math.max(1, limit.burstPackets()), nowNanos);
  }

  long nanosUntilReady(long nowNanos) {
    long wait = bytes == null ? 0 : bytes.nanosUntilReady(nowNanos);
    return packets == null ? wait : Math.max(wait, packets.nanosUntilReady(nowNanos));
  }

  void take(int byteCount, int packetCount) {
    if (bytes != null) {
      bytes.take(byteCount);
    }
    if (packets != null) {
      packets.take(packetCount);
    }
  }
}
