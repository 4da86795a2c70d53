package org.maloca.x86;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** One vCPU's random numbers, taken from the host in batches. For the vCPU's own thread. */
public class HardwareRandom {
  private static final int BATCH_BYTES = 512;

  private final byte[] batch = new byte[BATCH_BYTES];
  private final ByteBuffer numbers = ByteBuffer.wrap(batch).position(BATCH_BYTES);

  /** Made at the first use, because the host's generator takes a while to load. */
  private @Nullable SecureRandom source;

  protected HardwareRandom() {}

  /** 64 random bits. */
  public long nextLong() {
    if (!numbers.hasRemaining()) {
      if (source == null) {
        source = new SecureRandom();
      }
      source.nextBytes(batch);
      numbers.rewind();
    }
    return numbers.getLong();
  }
}
