package org.maloca.block.limit;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A disk kept to {@link DiskLimits}: requests that come too soon wait on their thread. Limits may
 * be changed at any time; requests that wait then go ahead, and the next are admitted by the new
 * ones.
 */
public final class ThrottledDisk extends ForwardingDisk {
  private final LongSupplier nanoTime;
  private final Sleeper sleeper;
  private volatile Limits limits;

  /** Makes one around {@code disk}, which it owns. */
  public ThrottledDisk(BlockBackend disk, DiskLimits limits) {
    this(disk, limits, System::nanoTime, new ParkingLot());
  }

  ThrottledDisk(BlockBackend disk, DiskLimits limits, LongSupplier nanoTime, Sleeper sleeper) {
    super(disk);
    this.nanoTime = nanoTime;
    this.sleeper = sleeper;
    this.limits = new Limits(limits, nanoTime.getAsLong());
  }

  /** Changes the limits. */
  public void limit(DiskLimits newLimits) {
    limits = new Limits(newLimits, nanoTime.getAsLong());
    sleeper.wakeAll();
  }

  public DiskLimits limits() {
    return limits.given;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    Limits now = limits;
    admit(now, now.readRequests, now.readBytes, target.bytes());
    disk.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    Limits now = limits;
    admit(now, now.writeRequests, now.writeBytes, source.bytes());
    disk.write(offset, source);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    Limits now = limits;
    admit(now, now.writeRequests, now.writeBytes, 0);
    disk.discard(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    Limits now = limits;
    admit(now, now.writeRequests, now.writeBytes, 0);
    disk.writeZeroes(offset, length, mayUnmap);
  }

  private void admit(
      Limits now, @Nullable RateLimit ownRequests, @Nullable RateLimit ownBytes, long bytes)
      throws IOException {
    long nanos = nanoTime.getAsLong();
    long wait = 0;
    if (now.requests != null) {
      wait = now.requests.admit(1, nanos);
    }
    if (ownRequests != null) {
      wait = Math.max(wait, ownRequests.admit(1, nanos));
    }
    if (now.bytes != null) {
      wait = Math.max(wait, now.bytes.admit(bytes, nanos));
    }
    if (ownBytes != null) {
      wait = Math.max(wait, ownBytes.admit(bytes, nanos));
    }
    if (wait > 0) {
      sleeper.sleep(wait);
    }
  }

  /** What goes ahead is paid for by those behind it: the rate holds over time. */
  @Override
  public void hurry() {
    sleeper.wakeAll();
    disk.hurry();
  }

  /** Lets requests that wait go ahead, and closes the disk. */
  @Override
  public void close() throws IOException {
    limits = new Limits(DiskLimits.NONE, nanoTime.getAsLong());
    sleeper.wakeAll();
    disk.close();
  }

  private static final class Limits {
    final DiskLimits given;
    final @Nullable RateLimit requests;
    final @Nullable RateLimit readRequests;
    final @Nullable RateLimit writeRequests;
    final @Nullable RateLimit bytes;
    final @Nullable RateLimit readBytes;
    final @Nullable RateLimit writeBytes;

    Limits(DiskLimits given, long nowNanos) {
      this.given = given;
      requests = RateLimit.of(given.requests(), nowNanos);
      readRequests = RateLimit.of(given.readRequests(), nowNanos);
      writeRequests = RateLimit.of(given.writeRequests(), nowNanos);
      bytes = RateLimit.of(given.bytes(), nowNanos);
      readBytes = RateLimit.of(given.readBytes(), nowNanos);
      writeBytes = RateLimit.of(given.writeBytes(), nowNanos);
    }
  }

  /** How requests wait; another one in tests. */
  interface Sleeper {
    void sleep(long nanos) throws IOException;

    /** Ends all sleeping that goes on. */
    void wakeAll();
  }

  private static final class ParkingLot implements Sleeper {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long wakes;

    @Override
    public void sleep(long nanos) throws IOException {
      lock.lock();
      try {
        long before = wakes;
        for (long rest = nanos; rest > 0 && wakes == before; ) {
          rest = changed.awaitNanos(rest);
        }
      } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
        InterruptedIOException stopped = new InterruptedIOException("interrupted while it waited");
        stopped.initCause(ended);
        throw stopped;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void wakeAll() {
      lock.lock();
      try {
        wakes++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
