package org.maloca.block.limit;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.IoVector;

/**
 * A disk that counts what it does and how long that takes, with what requests had to wait for its
 * limits, which its device keeps to.
 */
public final class AccountedDisk extends ForwardingDisk {
  private final DiskFigures figures;
  private final LongSupplier nanoTime;
  private volatile DiskLimits limits;
  private volatile @Nullable LimitsInForce throttle;
  private volatile Runnable throttleListener = () -> {};

  /** Makes one around {@code disk}, which it owns, without limits. */
  public AccountedDisk(BlockBackend disk) {
    this(disk, new DiskFigures(), DiskLimits.NONE);
  }

  /** Makes one around {@code disk}, which it owns, that adds to what was counted before. */
  public AccountedDisk(BlockBackend disk, DiskFigures figures, DiskLimits limits) {
    this(disk, figures, limits, System::nanoTime);
  }

  AccountedDisk(BlockBackend disk, DiskFigures figures, DiskLimits limits, LongSupplier nanoTime) {
    super(disk);
    this.figures = figures;
    this.nanoTime = nanoTime;
    this.limits = limits;
    throttle = inForce(limits);
  }

  private @Nullable LimitsInForce inForce(DiskLimits wanted) {
    return wanted.isNone() ? null : new LimitsInForce(wanted, nanoTime.getAsLong());
  }

  /** Changes the limits, by which requests that wait now are admitted anew. Any thread. */
  public synchronized void limit(DiskLimits wanted) {
    limits = wanted;
    throttle = inForce(wanted);
    throttleListener.run();
  }

  public DiskLimits limits() {
    return limits;
  }

  @Override
  public @Nullable DiskThrottle throttle() {
    return throttle;
  }

  @Override
  public void onThrottleChange(Runnable listener) {
    throttleListener = listener;
  }

  /** What is counted. */
  public DiskFigures figures() {
    return figures;
  }

  /** What was done of a kind so far. */
  public OperationFigures figures(DiskOperation operation) {
    return figures.of(operation);
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    read(offset, target, 0);
  }

  @Override
  public void read(long offset, IoVector target, long waitedNanos) throws IOException {
    OperationFigures of = figures(DiskOperation.READ);
    long start = nanoTime.getAsLong() - waitedNanos;
    boolean isDone = false;
    try {
      disk.read(offset, target);
      isDone = true;
    } finally {
      end(of, isDone, target.bytes(), start);
    }
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    write(offset, source, 0);
  }

  @Override
  public void write(long offset, IoVector source, long waitedNanos) throws IOException {
    OperationFigures of = figures(DiskOperation.WRITE);
    long start = nanoTime.getAsLong() - waitedNanos;
    boolean isDone = false;
    try {
      disk.write(offset, source);
      isDone = true;
    } finally {
      end(of, isDone, source.bytes(), start);
    }
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    long start = nanoTime.getAsLong();
    boolean isDone = disk.readAtOnce(offset, target);
    if (isDone) {
      end(figures(DiskOperation.READ), true, target.bytes(), start);
    }
    return isDone;
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    long start = nanoTime.getAsLong();
    boolean isDone = disk.writeAtOnce(offset, source);
    if (isDone) {
      end(figures(DiskOperation.WRITE), true, source.bytes(), start);
    }
    return isDone;
  }

  @Override
  public void flush() throws IOException {
    OperationFigures of = figures(DiskOperation.FLUSH);
    long start = nanoTime.getAsLong();
    boolean isDone = false;
    try {
      disk.flush();
      isDone = true;
    } finally {
      end(of, isDone, 0, start);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    discard(offset, length, 0);
  }

  @Override
  public void discard(long offset, long length, long waitedNanos) throws IOException {
    OperationFigures of = figures(DiskOperation.DISCARD);
    long start = nanoTime.getAsLong() - waitedNanos;
    boolean isDone = false;
    try {
      disk.discard(offset, length);
      isDone = true;
    } finally {
      end(of, isDone, length, start);
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    writeZeroes(offset, length, mayUnmap, 0);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap, long waitedNanos)
      throws IOException {
    OperationFigures of = figures(DiskOperation.WRITE_ZEROES);
    long start = nanoTime.getAsLong() - waitedNanos;
    boolean isDone = false;
    try {
      disk.writeZeroes(offset, length, mayUnmap);
      isDone = true;
    } finally {
      end(of, isDone, length, start);
    }
  }

  private void end(OperationFigures of, boolean isDone, long bytes, long startNanos) {
    if (isDone) {
      of.succeeded(bytes, nanoTime.getAsLong() - startNanos);
    } else {
      of.failed();
    }
  }
}
