package org.maloca.devices.virtio.rng;

import java.util.random.RandomGenerator;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A source of entropy (virtio 1.2, section 5.4), at no more than so many bytes a second: a guest
 * that asks for more waits.
 */
public final class VirtioRng extends VirtioDevice {
  /** No limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final int TYPE = 4;
  private static final int QUEUE_SIZE = 64;
  private static final int CHUNK_BYTES = 1024;

  /** A request gets no more than this, however long its buffers are. */
  private static final int MAX_REQUEST_BYTES = 64 << 10;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final RandomGenerator source;
  private final VirtualClock clock;
  private final long bytesPerSecond;
  private final VirtualClock.Timer refill;
  private final VirtioConfig config = new VirtioConfig(0);
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private long periodStart;
  private long periodBytes;

  /**
   * Makes a source.
   *
   * @param source of the host's entropy, such as a {@link java.security.SecureRandom}
   * @param bytesPerSecond limit, from 1; {@link #UNLIMITED} for none
   * @param isPacked whether packed rings are offered
   */
  public VirtioRng(
      String id,
      GuestMemory memory,
      VirtualClock clock,
      RandomGenerator source,
      long bytesPerSecond,
      boolean isPacked) {
    super(id, TYPE, 0, isPacked, memory, QUEUE_SIZE);
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(bytesPerSecond + " bytes a second");
    }
    this.source = source;
    this.clock = clock;
    this.bytesPerSecond = bytesPerSecond;
    refill = clock.newTimer(() -> retry(0));
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    long now = clock.nanos();
    if (now - periodStart >= SECOND_NANOS) {
      periodStart = now;
      periodBytes = 0;
    }
    long wanted = Math.min(chain.writable().bytes(), MAX_REQUEST_BYTES);
    long given = Math.min(wanted, bytesPerSecond - periodBytes);
    if (given == 0 && wanted > 0) {
      refill.arm(periodStart + SECOND_NANOS);
      return LATER;
    }
    for (long done = 0; done < given; ) {
      int piece = (int) Math.min(CHUNK_BYTES, given - done);
      source.nextBytes(chunk);
      chain.writable().copyFrom(done, chunk, 0, piece);
      done += piece;
    }
    periodBytes += given;
    return given;
  }

  @Override
  public void close() {
    refill.cancel();
    super.close();
  }
}
