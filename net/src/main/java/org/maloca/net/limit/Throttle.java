package org.maloca.net.limit;

import org.jspecify.annotations.Nullable;
import org.maloca.core.time.RateCell;

/** The limits of one direction. Not thread-safe. */
final class Throttle {
  private final @Nullable RateCell bytes;
  private final @Nullable RateCell packets;

  Throttle(RateLimit limit, long nowNanos) {
    bytes = cell(limit.bytesPerSecond(), limit.burstBytes(), nowNanos);
    packets = cell(limit.packetsPerSecond(), limit.burstPackets(), nowNanos);
  }

  private static @Nullable RateCell cell(long perSecond, long burst, long nowNanos) {
    return perSecond == 0 ? null : RateCell.ofBurst(perSecond, burst, nowNanos);
  }

  long nanosUntilReady(long nowNanos) {
    long wait = bytes == null ? 0 : bytes.nanosUntilReady(nowNanos);
    return packets == null ? wait : Math.max(wait, packets.nanosUntilReady(nowNanos));
  }

  /** Takes what {@link #nanosUntilReady} found to be ready. */
  void take(int byteCount, int packetCount, long nowNanos) {
    if (bytes != null) {
      long ignored = bytes.admit(byteCount, nowNanos);
    }
    if (packets != null) {
      long ignored = packets.admit(packetCount, nowNanos);
    }
  }
}
