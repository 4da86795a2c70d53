package org.maloca.block.limit;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk of a gibibyte that does nothing but count, or fail. */
final class CountingDisk implements BlockBackend {
  int reads;
  int writes;
  int flushes;
  int discards;
  int unmappings;
  boolean fails;

  /** Whether requests can be done at once. */
  boolean isAtHand;

  Runnable onRequest = () -> {};

  private void request() throws IOException {
    onRequest.run();
    if (fails) {
      throw new IOException("fails");
    }
  }

  @Override
  public long sizeBytes() {
    return 1 << 30;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    request();
    reads++;
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    request();
    writes++;
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) {
    return isAtHand;
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) {
    return isAtHand;
  }

  @Override
  public void flush() throws IOException {
    request();
    flushes++;
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    request();
    discards++;
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    request();
    writes++;
    unmappings += mayUnmap ? 1 : 0;
  }

  @Override
  public void close() {}
}
