package org.maloca.block.copy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.ChainExtent;
import org.maloca.block.disk.ChainMap;
import org.maloca.core.backend.BlockBackend;

/**
 * Copies a disk, leaving out what is zeros. Several threads take pieces in turn, each of them
 * reading and writing with memory of its own, so that reading and writing overlap and nothing is
 * handed over.
 *
 * <p>Used once.
 */
public final class DiskCopy {
  /** What the caller wants to know, on any thread. */
  public interface Progress {
    /** So many bytes of the disk are done. */
    void done(long bytes);
  }

  private static final long MAX_ZEROS_BYTES = 1L << 30;

  private final BlockBackend source;
  private final ChainMap map;
  private final BlockBackend target;
  private final CopyOptions options;
  private final Progress progress;
  private final AtomicLong doneBytes = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Object dispensing = new Object();
  private long cursor;

  /**
   * Makes one.
   *
   * @param map where the source's bytes come from; what is not present and not zero in it is left
   *     out
   * @param target at least as large as the source
   */
  public DiskCopy(
      BlockBackend source,
      ChainMap map,
      BlockBackend target,
      CopyOptions options,
      Progress progress) {
    this.source = source;
    this.map = map;
    this.target = target;
    this.options = options;
    this.progress = progress;
  }

  /**
   * Copies; does not flush.
   *
   * @throws IOException the first failure; the target is then half-filled
   */
  public void run() throws IOException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i < options.threads(); i++) {
      threads.add(Thread.ofPlatform().daemon().name("maloca-copy-" + i).start(this::work));
    }
    work();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException stopped) {
      failure.compareAndSet(null, stopped);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while it copied");
    }
    switch (failure.get()) {
      case null -> {}
      case IOException problem -> throw problem;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      case Throwable other -> throw new IOException(other);
    }
  }

  private void work() {
    try (Arena arena = Arena.ofConfined()) {
      CopyBuffer buffer = new CopyBuffer(arena);
      @Nullable CopyBuffer below = options.below() == null ? null : new CopyBuffer(arena);
      for (ChainExtent piece = next(); piece != null; piece = next()) {
        copy(piece, buffer, below);
        progress.done(doneBytes.addAndGet(piece.length()));
      }
    } catch (Throwable problem) {
      failure.compareAndSet(null, problem);
    }
  }

  /** The next piece that there is something to do for. */
  private @Nullable ChainExtent next() throws IOException {
    synchronized (dispensing) {
      long size = source.sizeBytes();
      while (cursor < size && failure.get() == null) {
        ChainExtent piece = inUnits(map.at(cursor, Math.min(size - cursor, MAX_ZEROS_BYTES)), size);
        if (piece.isData()) {
          // Pieces end at multiples of the buffer, so that threads share no cluster.
          long end = Math.min(piece.length(), CopyBuffer.BYTES - cursor % CopyBuffer.BYTES);
          piece = cut(cursor, end, piece);
        }
        cursor += piece.length();
        if (piece.isData() || (piece.isZero() && !options.isTargetZero())) {
          return piece;
        }
        doneBytes.addAndGet(piece.length());
      }
      return null;
    }
  }

  /**
   * A piece without data ends with a unit, so that the next one begins with one; what has less than
   * a unit goes with the data behind it.
   */
  private ChainExtent inUnits(ChainExtent piece, long size) {
    long end = piece.offset() + piece.length();
    if (piece.isData() || end == size) {
      return piece;
    }
    int unit = options.unitBytes();
    long whole = piece.length() - end % unit;
    boolean isLess = whole <= 0;
    return new ChainExtent(
        piece.offset(),
        isLess ? Math.min(size - piece.offset(), unit) : whole,
        piece.depth(),
        isLess || piece.isPresent(),
        !isLess && piece.isZero(),
        isLess,
        -1,
        false);
  }

  /**
   * A piece of data takes in the data that follow in its buffer, for fewer, larger reads, and what
   * is left of its last unit.
   */
  private ChainExtent cut(long offset, long length, ChainExtent piece) throws IOException {
    long size = source.sizeBytes();
    long end = Math.min(size, offset - offset % CopyBuffer.BYTES + CopyBuffer.BYTES);
    long at = offset + length;
    while (at < end) {
      ChainExtent more = map.at(at, end - at);
      if (more.isData()) {
        at += more.length();
      } else if (at % options.unitBytes() != 0) {
        long unitEnd = at - at % options.unitBytes() + options.unitBytes();
        at = Math.min(Math.min(end, unitEnd), at + more.length());
      } else {
        break;
      }
    }
    return new ChainExtent(
        offset, at - offset, piece.depth(), true, false, true, -1, piece.isCompressed());
  }

  private void copy(ChainExtent piece, CopyBuffer buffer, @Nullable CopyBuffer below)
      throws IOException {
    if (piece.isZero() && below == null) {
      target.writeZeroes(piece.offset(), piece.length(), true);
      return;
    }
    for (long done = 0; done < piece.length(); done += CopyBuffer.BYTES) {
      int length = (int) Math.min(CopyBuffer.BYTES, piece.length() - done);
      long offset = piece.offset() + done;
      buffer.read(source, offset, length);
      if (below != null) {
        below.readOrZeros(options.below(), offset, length);
      }
      write(offset, length, buffer, below);
    }
  }

  private void write(long offset, int length, CopyBuffer buffer, @Nullable CopyBuffer below)
      throws IOException {
    int from = 0;
    boolean isNeeded = false;
    int unit = options.unitBytes();
    for (int at = 0; at < length; ) {
      // Units lie on the disk's grid, so that the runs written are whole clusters.
      int end = (int) Math.min(length, at + unit - (offset + at) % unit);
      boolean isUnitNeeded = isNeeded(buffer, below, at, end - at);
      if (isUnitNeeded != isNeeded) {
        writeRun(offset, from, at, isNeeded, buffer);
        from = at;
        isNeeded = isUnitNeeded;
      }
      at = end;
    }
    writeRun(offset, from, length, isNeeded, buffer);
  }

  private boolean isNeeded(CopyBuffer buffer, @Nullable CopyBuffer below, int at, int length) {
    return below == null
        ? !options.skipsZeros() || !buffer.isZero(at, length)
        : buffer.firstDifference(below, at, length) >= 0;
  }

  private void writeRun(long offset, int from, int to, boolean isNeeded, CopyBuffer buffer)
      throws IOException {
    if (from == to) {
      return;
    }
    if (isNeeded) {
      buffer.write(target, offset + from, from, to - from);
    } else if (options.below() == null && !options.isTargetZero()) {
      target.writeZeroes(offset + from, to - from, true);
    }
  }
}
