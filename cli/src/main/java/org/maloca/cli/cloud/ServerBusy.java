package org.maloca.cli.cloud;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;

/** A server's answer that it cannot serve a request now, but may later. */
final class ServerBusy extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Request Timeout, Too Many Requests (RFC 6585, section 4), Internal Server Error, Bad Gateway,
   * Service Unavailable, Gateway Timeout (RFC 9110, section 15).
   */
  private static final Set<Integer> STATUS_CODES = Set.of(408, 429, 500, 502, 503, 504);

  private final transient Optional<Duration> wanted;

  ServerBusy(String message, Optional<Duration> wanted) {
    super(message);
    this.wanted = wanted;
  }

  /** Whether an answer with this status is one of these. */
  static boolean isSaidBy(int status) {
    return STATUS_CODES.contains(status);
  }

  /** How long the server wants to be left alone, if it said so. */
  Optional<Duration> wanted() {
    return wanted;
  }

  /**
   * Reads a {@code Retry-After} header (RFC 9110, section 10.2.3): seconds or a date.
   *
   * @return nothing where it is neither
   */
  static Optional<Duration> retryAfter(String header, Instant now) {
    String text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant date = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
      return Optional.of(date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO);
    } catch (DateTimeException neither) {
      return Optional.empty();
    }
  }
}
