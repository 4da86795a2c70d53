package org.maloca.block.image;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk that lies below another: it is only read, and stays its owner's when it is closed. */
public interface LowerDisk extends BlockBackend {
  /** What is thrown at who writes to it. */
  IOException refusal();

  @Override
  default boolean isReadOnly() {
    return true;
  }

  @Override
  default void write(long offset, IoVector source) throws IOException {
    throw refusal();
  }

  @Override
  default void flush() {}

  @Override
  default void discard(long offset, long length) {}

  @Override
  default void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    throw refusal();
  }

  @Override
  default void close() {}
}
