package org.maloca.block.limit;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.DiskThrottle;

/** {@link DiskLimits} with what was admitted by them. */
final class LimitsInForce implements DiskThrottle {
  private final @Nullable RateLimit requests;
  private final @Nullable RateLimit readRequests;
  private final @Nullable RateLimit writeRequests;
  private final @Nullable RateLimit bytes;
  private final @Nullable RateLimit readBytes;
  private final @Nullable RateLimit writeBytes;

  LimitsInForce(DiskLimits given, long nowNanos) {
    requests = RateLimit.of(given.requests(), nowNanos);
    readRequests = RateLimit.of(given.readRequests(), nowNanos);
    writeRequests = RateLimit.of(given.writeRequests(), nowNanos);
    bytes = RateLimit.of(given.bytes(), nowNanos);
    readBytes = RateLimit.of(given.readBytes(), nowNanos);
    writeBytes = RateLimit.of(given.writeBytes(), nowNanos);
  }

  @Override
  public long admit(boolean isWrite, long count, long length, long nowNanos) {
    long wait = admit(requests, count, nowNanos);
    wait = Math.max(wait, admit(isWrite ? writeRequests : readRequests, count, nowNanos));
    wait = Math.max(wait, admit(bytes, length, nowNanos));
    return Math.max(wait, admit(isWrite ? writeBytes : readBytes, length, nowNanos));
  }

  private static long admit(@Nullable RateLimit limit, long units, long nowNanos) {
    return limit == null ? 0 : limit.admit(units, nowNanos);
  }
}
