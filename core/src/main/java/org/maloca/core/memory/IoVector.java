package org.maloca.core.memory;

import java.util.Arrays;

/**
 * Pieces of host memory in an order: where the bytes of one transfer lie. Devices make one of a
 * guest's buffers, after they have checked them; backends read and write through it. What it points
 * at is not checked again, so an address that was not checked must never get in.
 *
 * <p>Made once and used for one transfer after the other, so that transfers allocate nothing. Not
 * thread-safe.
 */
public final class IoVector {
  private long[] addresses = new long[16];
  private long[] lengths = new long[16];
  private int count;
  private long bytes;

  /** Forgets all pieces. */
  public void clear() {
    count = 0;
    bytes = 0;
  }

  /** Appends a piece; one of no bytes is left out, one that continues the last is joined to it. */
  public void add(long hostAddress, long length) {
    if (length == 0) {
      return;
    }
    bytes += length;
    if (count > 0 && addresses[count - 1] + lengths[count - 1] == hostAddress) {
      lengths[count - 1] += length;
      return;
    }
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    addresses[count] = hostAddress;
    lengths[count++] = length;
  }

  /** Forgets what lies behind the first bytes. */
  public void truncate(long newBytes) {
    checkRange(0, newBytes);
    while (bytes > newBytes) {
      long taken = Math.min(lengths[count - 1], bytes - newBytes);
      lengths[count - 1] -= taken;
      bytes -= taken;
      if (lengths[count - 1] == 0) {
        count--;
      }
    }
  }

  /** Becomes the {@code length} bytes of another vector from {@code offset} on. */
  public void setSlice(IoVector whole, long offset, long length) {
    if (offset < 0 || length < 0 || offset + length > whole.bytes) {
      throw new IllegalArgumentException(
          "%d bytes at %d of %d".formatted(length, offset, whole.bytes));
    }
    clear();
    long skip = offset;
    long rest = length;
    for (int i = 0; rest > 0; i++) {
      long inPiece = whole.lengths[i] - skip;
      if (inPiece > 0) {
        long taken = Math.min(inPiece, rest);
        add(whole.addresses[i] + skip, taken);
        rest -= taken;
        skip = 0;
      } else {
        skip = -inPiece;
      }
    }
  }

  /** Number of pieces. */
  public int count() {
    return count;
  }

  /** Length of all pieces together. */
  public long bytes() {
    return bytes;
  }

  /** Host address of a piece. */
  public long address(int piece) {
    return addresses[piece];
  }

  /** Length of a piece in bytes. */
  public long length(int piece) {
    return lengths[piece];
  }

  /** Copies bytes out of the pieces, from {@code offset} in the whole on. */
  public void copyTo(long offset, byte[] target, int targetOffset, int length) {
    transfer(offset, target, targetOffset, length, true);
  }

  /** Copies bytes into the pieces, from {@code offset} in the whole on. */
  public void copyFrom(long offset, byte[] source, int sourceOffset, int length) {
    transfer(offset, source, sourceOffset, length, false);
  }

  /** Copies {@code length} bytes, from {@code offset} in the whole on, to host memory. */
  public void copyTo(long offset, long hostAddress, long length) {
    transfer(offset, hostAddress, length, true);
  }

  /** Copies {@code length} bytes of host memory into the pieces, from {@code offset} on. */
  public void copyFrom(long offset, long hostAddress, long length) {
    transfer(offset, hostAddress, length, false);
  }

  /**
   * A little-endian number out of the pieces, each of whose bytes is read once.
   *
   * @param size its bytes, 1 to 8; numbers of less than 8 are unsigned
   */
  public long littleEndian(long offset, int size) {
    checkRange(offset, size);
    int piece = 0;
    long skip = offset;
    long value = 0;
    for (int i = 0; i < size; i++) {
      while (skip >= lengths[piece]) {
        skip -= lengths[piece++];
      }
      value |= (HostMemory.getByte(addresses[piece] + skip++) & 0xffL) << 8 * i;
    }
    return value;
  }

  /** Sets {@code length} bytes from {@code offset} on. */
  public void fill(long offset, long length, byte value) {
    checkRange(offset, length);
    long skip = offset;
    long rest = length;
    for (int i = 0; rest > 0; i++) {
      if (skip < lengths[i]) {
        long taken = Math.min(lengths[i] - skip, rest);
        HostMemory.fill(addresses[i] + skip, taken, value);
        rest -= taken;
        skip = 0;
      } else {
        skip -= lengths[i];
      }
    }
  }

  private void transfer(long offset, byte[] array, int arrayOffset, int length, boolean isOut) {
    checkRange(offset, length);
    long skip = offset;
    int done = 0;
    for (int i = 0; done < length; i++) {
      if (skip < lengths[i]) {
        int taken = (int) Math.min(lengths[i] - skip, length - done);
        if (isOut) {
          HostMemory.read(addresses[i] + skip, array, arrayOffset + done, taken);
        } else {
          HostMemory.write(addresses[i] + skip, array, arrayOffset + done, taken);
        }
        done += taken;
        skip = 0;
      } else {
        skip -= lengths[i];
      }
    }
  }

  private void transfer(long offset, long hostAddress, long length, boolean isOut) {
    checkRange(offset, length);
    long skip = offset;
    long done = 0;
    for (int i = 0; done < length; i++) {
      if (skip < lengths[i]) {
        long taken = Math.min(lengths[i] - skip, length - done);
        long here = addresses[i] + skip;
        HostMemory.copy(
            isOut ? here : hostAddress + done, isOut ? hostAddress + done : here, taken);
        done += taken;
        skip = 0;
      } else {
        skip -= lengths[i];
      }
    }
  }

  private void checkRange(long offset, long length) {
    if (offset < 0 || length < 0 || length > bytes - offset) {
      throw new IllegalArgumentException("%d bytes at %d of %d".formatted(length, offset, bytes));
    }
  }
}
