package org.maloca.core.bus;

/**
 * A device's face on a bus. Called on vCPU threads, any of them at once; never throws whatever the
 * guest does, and does not allocate.
 */
public interface IoHandler {
  /**
   * Reads.
   *
   * @param offset from the start of the registered range, in bytes
   * @param size 1, 2, 4 (ports) or 8 (memory)
   * @return the value, zero-extended; bits above {@code size} are ignored
   */
  long read(int offset, int size);

  /** Writes; bits of {@code value} above {@code size} are undefined. */
  void write(int offset, int size, long value);
}
