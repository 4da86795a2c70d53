package org.maloca.devices.virtio;

import java.util.Arrays;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;

/**
 * A request of the driver: buffers that the device reads, then buffers that it writes (virtio 1.2,
 * section 2.6.4). Every byte of them was found in RAM when the chain was taken from its queue.
 *
 * <p>Made once and used for one request after the other. Not thread-safe.
 */
public final class DescriptorChain {
  private final IoVector readable = new IoVector();
  private final IoVector writable = new IoVector();
  private long[] writableGpas = new long[16];
  private long[] writableLengths = new long[16];
  private int writableCount;
  private int id;
  private int descriptors;

  /** What the device reads. */
  public IoVector readable() {
    return readable;
  }

  /** What the device writes. */
  public IoVector writable() {
    return writable;
  }

  /** Number of buffers that the device writes, for devices that care where they lie. */
  public int writableCount() {
    return writableCount;
  }

  /** Where a buffer that the device writes lies in the guest. */
  public long writableGpa(int buffer) {
    return writableGpas[buffer];
  }

  /** Length of a buffer that the device writes, in bytes. */
  public long writableLength(int buffer) {
    return writableLengths[buffer];
  }

  /** Identifies the chain to the driver. */
  int id() {
    return id;
  }

  /** Number of places in the ring that it takes. */
  int descriptors() {
    return descriptors;
  }

  void clear() {
    readable.clear();
    writable.clear();
    writableCount = 0;
  }

  void setIdentity(int newId, int count) {
    id = newId;
    descriptors = count;
  }

  /**
   * Appends a buffer.
   *
   * @return false when not all of it is RAM, or the device would read it behind one that it writes
   */
  boolean add(GuestMemory memory, long gpa, long length, boolean isWritable) {
    if (!isWritable) {
      return writableCount == 0 && memory.map(gpa, length, readable);
    }
    if (writableCount == writableGpas.length) {
      writableGpas = Arrays.copyOf(writableGpas, 2 * writableCount);
      writableLengths = Arrays.copyOf(writableLengths, 2 * writableCount);
    }
    writableGpas[writableCount] = gpa;
    writableLengths[writableCount++] = length;
    return memory.map(gpa, length, writable);
  }

  /** Says that the first bytes of the writable buffers have been written. */
  void noteWritten(GuestMemory memory, long bytes) {
    long rest = bytes;
    for (int i = 0; i < writableCount && rest > 0; i++) {
      long piece = Math.min(rest, writableLengths[i]);
      memory.written(writableGpas[i], piece);
      rest -= piece;
    }
  }
}
