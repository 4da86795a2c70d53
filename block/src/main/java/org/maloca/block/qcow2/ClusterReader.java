package org.maloca.block.qcow2;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.qcow2.TableCache.Table;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** Reads the disk through the tables. */
final class ClusterReader {
  private final HeaderFile home;
  private final ClusterTables tables;
  private final ImageFile data;
  private final @Nullable BlockBackend backing;
  private final CompressedClusters compressed;

  ClusterReader(
      HeaderFile home,
      ClusterTables tables,
      ImageFile data,
      @Nullable BlockBackend backing,
      CompressedClusters compressed) {
    this.home = home;
    this.tables = tables;
    this.data = data;
    this.backing = backing;
    this.compressed = compressed;
  }

  boolean hasBacking() {
    return backing != null;
  }

  /** What a request needs while it runs; each thread's own, and each image's. */
  static final class Scratch {
    final Run run;
    final IoVector slice = new IoVector();

    Scratch(HeaderFile home) {
      run = new Run(home);
    }
  }

  /**
   * Reads as much as lies together, if that takes no change in memory; several threads may do so at
   * once.
   *
   * @return bytes read; 0 when {@link #read} has to
   */
  long tryRead(Scratch scratch, long guestOffset, IoVector target, long done) throws IOException {
    return isMapped(scratch.run, guestOffset, target.bytes() - done)
        ? transfer(scratch, guestOffset, target, done)
        : 0;
  }

  /** As {@link #tryRead}, and only if that waits for nobody. */
  long readAtOnce(Scratch scratch, long guestOffset, IoVector target, long done)
      throws IOException {
    Run run = scratch.run;
    if (!isMapped(run, guestOffset, target.bytes() - done)) {
      return 0;
    }
    boolean isDone =
        switch (run.kind) {
          case ZERO -> {
            target.fill(done, run.length, (byte) 0);
            yield true;
          }
          case DATA -> {
            scratch.slice.setSlice(target, done, run.length);
            yield data.readAtOnce(run.hostOffset, scratch.slice);
          }
          case UNALLOCATED -> readBackingAtOnce(scratch, guestOffset, target, done);
          case COMPRESSED -> false;
        };
    return isDone ? run.length : 0;
  }

  private boolean readBackingAtOnce(Scratch scratch, long guestOffset, IoVector target, long done)
      throws IOException {
    long length = scratch.run.length;
    if (backing == null) {
      target.fill(done, length, (byte) 0);
      return true;
    }
    if (length > backing.sizeBytes() - guestOffset) {
      return false;
    }
    scratch.slice.setSlice(target, done, length);
    return backing.readAtOnce(guestOffset, scratch.slice);
  }

  /** Finds a stretch by the tables as they are in memory; false when they do not suffice. */
  private boolean isMapped(Run run, long guestOffset, long limit) throws IOException {
    Table table = tables.peek(guestOffset);
    if (table == null && tables.hasTable(guestOffset)) {
      return false;
    }
    run.map(tables, table, guestOffset, limit);
    return run.kind != Run.Kind.COMPRESSED;
  }

  /** Reads as much as lies together; for one thread at a time. */
  long read(Scratch scratch, long guestOffset, IoVector target, long done) throws IOException {
    Table table = tables.forReading(guestOffset);
    scratch.run.map(tables, table, guestOffset, target.bytes() - done);
    return transfer(scratch, guestOffset, target, done);
  }

  /** Reads a whole piece into host memory; for one thread at a time. */
  void readInto(Scratch scratch, IoVector whole, long guestOffset, long address, long length)
      throws IOException {
    whole.clear();
    whole.add(address, length);
    long done = 0;
    while (done < length) {
      done += read(scratch, guestOffset + done, whole, done);
    }
  }

  private long transfer(Scratch scratch, long guestOffset, IoVector target, long done)
      throws IOException {
    Run run = scratch.run;
    long length = run.length;
    switch (run.kind) {
      case ZERO -> target.fill(done, length, (byte) 0);
      case DATA -> {
        scratch.slice.setSlice(target, done, length);
        data.read(run.hostOffset, scratch.slice);
      }
      case COMPRESSED ->
          compressed.read(
              run.entry, home.geometry.inCluster(guestOffset), target, done, (int) length);
      case UNALLOCATED -> readBacking(scratch, guestOffset, target, done, length);
    }
    return length;
  }

  private void readBacking(
      Scratch scratch, long guestOffset, IoVector target, long done, long length)
      throws IOException {
    long there = 0;
    if (backing != null) {
      there = Math.clamp(backing.sizeBytes() - guestOffset, 0, length);
      if (there > 0) {
        scratch.slice.setSlice(target, done, there);
        backing.read(guestOffset, scratch.slice);
      }
    }
    target.fill(done + there, length - there, (byte) 0);
  }
}
