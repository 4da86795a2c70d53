package org.maloca.guests;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk in the test's memory, which counts flushes and can be told to fail. */
final class MemoryDisk implements BlockBackend {
  final AtomicInteger flushes = new AtomicInteger();
  final AtomicInteger discards = new AtomicInteger();
  volatile IOException failure;

  /** Whether requests can be done at once, and how many were. */
  volatile boolean isAtHand;

  final AtomicInteger doneAtOnce = new AtomicInteger();

  private final MemorySegment bytes;
  private final boolean isReadOnly;
  private volatile long sizeBytes;
  private Runnable sizeListener = () -> {};

  MemoryDisk(long capacityBytes, boolean isReadOnly) {
    bytes = Arena.ofAuto().allocate(capacityBytes, 4096);
    sizeBytes = capacityBytes;
    this.isReadOnly = isReadOnly;
  }

  /** The disk's bytes, with room for growth. */
  MemorySegment bytes() {
    return bytes;
  }

  @Override
  public void resize(long newBytes) {
    sizeBytes = newBytes;
    sizeListener.run();
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
    target.copyFrom(0, bytes.address() + offset, target.bytes());
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    fail();
    source.copyTo(0, bytes.address() + offset, source.bytes());
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    if (isAtHand) {
      read(offset, target);
      doneAtOnce.incrementAndGet();
    }
    return isAtHand;
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    if (isAtHand) {
      write(offset, source);
      doneAtOnce.incrementAndGet();
    }
    return isAtHand;
  }

  @Override
  public void flush() throws IOException {
    fail();
    flushes.incrementAndGet();
  }

  @Override
  public void discard(long offset, long length) {
    discards.incrementAndGet();
    bytes.asSlice(offset, length).fill((byte) 0);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) {
    bytes.asSlice(offset, length).fill((byte) 0);
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  @Override
  public void close() {}
}
