package org.maloca.net.dns;

import org.jspecify.annotations.Nullable;

/** Whoever knows the names that are not ours. */
@FunctionalInterface
public interface DnsUpstream {
  /** For a network without a way out: knows nobody. */
  DnsUpstream NONE = (query, isStream) -> null;

  /**
   * Asks. Blocks for some seconds at most; safe for any number of threads.
   *
   * @param query a well-formed question
   * @param isStream whether the client has room for an answer of any size
   * @return the answer under the question's own id, or null if none came
   */
  byte @Nullable [] ask(byte[] query, boolean isStream);
}
