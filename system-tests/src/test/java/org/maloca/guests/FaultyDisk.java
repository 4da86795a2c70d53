package org.maloca.guests;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.block.limit.ForwardingDisk;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk in front of another one that fails every other request, or keeps requests waiting. */
final class FaultyDisk extends ForwardingDisk {
  /** Requests that failed. */
  final AtomicInteger failures = new AtomicInteger();

  private final AtomicInteger requests = new AtomicInteger();
  private volatile boolean isFailing;
  private volatile CountDownLatch hold = new CountDownLatch(0);
  private volatile CountDownLatch held = new CountDownLatch(1);

  /** Has no faults yet; owns {@code disk}. */
  FaultyDisk(BlockBackend disk) {
    super(disk);
  }

  /** Whether every other request fails from now on. */
  void setFailing(boolean value) {
    isFailing = value;
  }

  /** Keeps requests waiting from now on. */
  void hold() {
    held = new CountDownLatch(1);
    hold = new CountDownLatch(1);
  }

  /** Waits until a request waits. */
  void awaitHeld() throws InterruptedException {
    held.await();
  }

  /** Lets the requests go that wait, and those that come. */
  void release() {
    hold.countDown();
  }

  private void begin() throws IOException {
    CountDownLatch now = hold;
    if (now.getCount() > 0) {
      held.countDown();
      try {
        now.await();
      } catch (InterruptedException ending) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", ending);
      }
    }
    if (isFailing && requests.getAndIncrement() % 2 == 0) {
      failures.incrementAndGet();
      throw new IOException("the platter is scratched");
    }
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    begin();
    super.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    begin();
    super.write(offset, source);
  }

  @Override
  public void flush() throws IOException {
    begin();
    super.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    begin();
    super.discard(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    begin();
    super.writeZeroes(offset, length, mayUnmap);
  }
}
