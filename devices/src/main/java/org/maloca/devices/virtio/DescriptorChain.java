package org.maloca.devices.virtio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.Admission;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A request of the driver: buffers that the device reads, then buffers that it writes (virtio 1.2,
 * section 2.6.4). Every byte of them was found in RAM when the chain was taken from its queue.
 *
 * <p>Made once and used for one request after the other. Not thread-safe.
 */
public final class DescriptorChain {
  /** More than rings and their tables can name. */
  private static final int MAX_BUFFERS = 1 << 16;

  private final IoVector readable = new IoVector();
  private final IoVector writable = new IoVector();
  private final Admission admission = new Admission();

  /** The buffers, those that the device reads first. */
  private long[] gpas = new long[16];

  private long[] lengths = new long[16];
  private int count;
  private int readableCount;
  private int id;
  private int descriptors;

  /** The chain behind this one, in the list that both are in. */
  @Nullable DescriptorChain next;

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
    return count - readableCount;
  }

  /** Where a buffer that the device writes lies in the guest. */
  public long writableGpa(int buffer) {
    return gpas[readableCount + buffer];
  }

  /** Length of a buffer that the device writes, in bytes. */
  public long writableLength(int buffer) {
    return lengths[readableCount + buffer];
  }

  /** The request's way past the limits of the host's. */
  public Admission admission() {
    return admission;
  }

  /** Identifies the chain to the driver. */
  int id() {
    return id;
  }

  /** Number of places in the ring that it takes. */
  int descriptors() {
    return descriptors;
  }

  /** Number of buffers that it has room for, which only grows. */
  int room() {
    return gpas.length;
  }

  void clear() {
    readable.clear();
    writable.clear();
    count = 0;
    readableCount = 0;
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
    if (count == gpas.length) {
      gpas = Arrays.copyOf(gpas, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    if (!isWritable) {
      if (readableCount != count) {
        return false;
      }
      readableCount++;
    }
    gpas[count] = gpa;
    lengths[count++] = length;
    return memory.map(gpa, length, isWritable ? writable : readable);
  }

  /** Says that the first bytes of the writable buffers have been written. */
  void noteWritten(GuestMemory memory, long bytes) {
    long rest = bytes;
    for (int i = readableCount; i < count && rest > 0; i++) {
      long piece = Math.min(rest, lengths[i]);
      memory.written(gpas[i], piece);
      rest -= piece;
    }
  }

  void save(SnapshotWriter.Section section) {
    section.put(id);
    section.put(descriptors);
    section.put(readableCount);
    section.put(Arrays.copyOf(gpas, count));
    section.put(Arrays.copyOf(lengths, count));
  }

  void restore(SnapshotReader.Section section, GuestMemory memory) {
    clear();
    setIdentity(section.getInt(), section.getInt());
    int savedReadable = section.getInt();
    long[] savedGpas = section.getLongs(MAX_BUFFERS);
    long[] savedLengths = section.getLongs(MAX_BUFFERS);
    boolean isGood = savedGpas.length == savedLengths.length;
    for (int i = 0; i < savedGpas.length && isGood; i++) {
      isGood = add(memory, savedGpas[i], savedLengths[i], i >= savedReadable);
    }
    if (!isGood) {
      throw new SnapshotException("a request had buffers outside RAM");
    }
  }
}
