package org.maloca.block.limit;

import java.util.Locale;
import java.util.Optional;

/** When what a guest writes is durable, and whether the host's page cache is in the way. */
public enum CacheMode {
  /** Through the host's page cache; durable after a flush. */
  WRITEBACK,
  /** Past the host's page cache where the host can ({@code O_DIRECT}); durable after a flush. */
  NONE,
  /** Through the host's page cache; each write is durable before it completes. */
  WRITETHROUGH,
  /** Through the host's page cache; flushes reach the image but not the host's disk. */
  UNSAFE;

  /** The name in options, as in {@code writeback}. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode of a name. */
  public static Optional<CacheMode> named(String name) {
    for (CacheMode mode : values()) {
      if (mode.optionName().equals(name)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }
}
