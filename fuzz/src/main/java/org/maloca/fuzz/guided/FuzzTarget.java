package org.maloca.fuzz.guided;

import java.io.IOException;
import java.util.List;

/**
 * Something that takes hostile input. Made once and used for one input after the other; each input
 * begins in the same state, so that what one does can be repeated.
 */
public interface FuzzTarget extends AutoCloseable {
  /** Inputs to begin with, made by our own writers. */
  List<byte[]> seeds() throws IOException;

  /**
   * Takes an input. Whatever it is, nothing is thrown but by a defect.
   *
   * @return how much of it was accepted: requests answered, operations that were not refused
   */
  long run(byte[] input) throws IOException;

  @Override
  default void close() throws IOException {}
}
