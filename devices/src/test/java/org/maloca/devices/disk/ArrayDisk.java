package org.maloca.devices.disk;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.IoVector;

/** A disk in an array, which counts, and fails when told to. */
public final class ArrayDisk implements BlockBackend {
  public final byte[] content;
  public final AtomicInteger flushes = new AtomicInteger();
  public final AtomicInteger discards = new AtomicInteger();
  public volatile IOException failure;
  public volatile boolean isReadOnly;
  public volatile boolean isWriteThrough;

  /** Whether requests can be done at once. */
  public volatile boolean isAtHand;

  /** Who made the last request that could be done. */
  public volatile Thread lastUser;

  public volatile boolean isClosed;

  private volatile @Nullable DiskThrottle throttle;
  private Runnable throttleListener = () -> {};
  private volatile int sizeBytes;
  private Runnable sizeListener = () -> {};

  public ArrayDisk(int bytes) {
    content = new byte[bytes];
    sizeBytes = bytes;
  }

  /** Changes the size, up to that of the array. */
  public void resize(int bytes) {
    sizeBytes = bytes;
    sizeListener.run();
  }

  /** Sets what requests are kept to. */
  public void limit(@Nullable DiskThrottle newThrottle) {
    throttle = newThrottle;
    throttleListener.run();
  }

  @Override
  public @Nullable DiskThrottle throttle() {
    return throttle;
  }

  @Override
  public void onThrottleChange(Runnable listener) {
    throttleListener = listener;
  }

  private void fail() throws IOException {
    IOException planned = failure;
    if (planned != null) {
      throw planned;
    }
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    fail();
    lastUser = Thread.currentThread();
    target.copyFrom(0, content, (int) offset, (int) target.bytes());
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    fail();
    lastUser = Thread.currentThread();
    source.copyTo(0, content, (int) offset, (int) source.bytes());
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    if (isAtHand) {
      read(offset, target);
    }
    return isAtHand;
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    if (isAtHand) {
      write(offset, source);
    }
    return isAtHand;
  }

  @Override
  public void flush() throws IOException {
    flushes.incrementAndGet();
  }

  @Override
  public boolean isWriteThrough() {
    return isWriteThrough;
  }

  @Override
  public void discard(long offset, long length) {
    discards.incrementAndGet();
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) {
    Arrays.fill(content, (int) offset, (int) (offset + length), (byte) 0);
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
