package org.maloca.devices.virtio.ninep;

import java.lang.foreign.Arena;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/** Memory outside the heap for what system calls take and give. Not thread-safe. */
final class NativeScratch {
  static final int PATH_BYTES = 4096;
  static final int ENTRIES_BYTES = 32 << 10;
  static final int STATX_BYTES = 256;

  /** {@code XATTR_SIZE_MAX} and {@code XATTR_LIST_MAX} of Linux. */
  static final int ATTRIBUTE_BYTES = 64 << 10;

  private static final byte[] OWN_DESCRIPTORS = {
    '/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 'f', 'd', '/'
  };

  /** Where {@link #descriptor} and {@link #descriptorPath} write: apart from the other texts. */
  private final long descriptor;

  private final long first;
  private final long second;
  private final long pieces;
  private final byte[] digits = new byte[12];

  /** The empty path. */
  final long empty;

  /** Room of {@link #STATX_BYTES}. */
  final long status;

  /** Room of {@link #ENTRIES_BYTES}. */
  final long entries;

  /** Room of {@link #ATTRIBUTE_BYTES}. */
  final long attribute;

  NativeScratch(Arena arena) {
    descriptor = arena.allocate(64).address();
    first = arena.allocate(PATH_BYTES + 1).address();
    second = arena.allocate(PATH_BYTES + 1).address();
    pieces = arena.allocate(LinuxCalls.IOV_MAX * LinuxCalls.IOVEC_BYTES, Long.BYTES).address();
    empty = arena.allocate(1).address();
    status = arena.allocate(STATX_BYTES, Long.BYTES).address();
    entries = arena.allocate(ENTRIES_BYTES, Long.BYTES).address();
    attribute = arena.allocate(ATTRIBUTE_BYTES, Long.BYTES).address();
  }

  /** A C string; good until the next call. */
  long first(byte[] text) throws ErrnoException {
    return text(first, text);
  }

  /** Another C string; good until the next call. */
  long second(byte[] text) throws ErrnoException {
    return text(second, text);
  }

  private static long text(long address, byte[] text) throws ErrnoException {
    if (text.length > PATH_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    HostMemory.write(address, text, 0, text.length);
    HostMemory.putByte(address + text.length, (byte) 0);
    return address;
  }

  /** Room for {@link #PATH_BYTES}, where {@link #second} writes. */
  long pathRoom() {
    return second;
  }

  /** The name of a descriptor in {@code /proc/self/fd}; good until the next call. */
  long descriptor(int fd) {
    putNumber(descriptor, fd);
    return descriptor;
  }

  /** The path of a descriptor in {@code /proc/self/fd}; good until the next call. */
  long descriptorPath(int fd) {
    HostMemory.write(descriptor, OWN_DESCRIPTORS, 0, OWN_DESCRIPTORS.length);
    putNumber(descriptor + OWN_DESCRIPTORS.length, fd);
    return descriptor;
  }

  private void putNumber(long address, int number) {
    int at = digits.length;
    digits[--at] = 0;
    int rest = number;
    do {
      digits[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    HostMemory.write(address, digits, at, digits.length - at);
  }

  /** Array of {@code struct iovec} for a vector's first {@link #pieceCount} pieces. */
  long pieces(IoVector vector) {
    for (int i = 0; i < pieceCount(vector); i++) {
      HostMemory.putLong(pieces + (long) i * LinuxCalls.IOVEC_BYTES, vector.address(i));
      HostMemory.putLong(pieces + (long) i * LinuxCalls.IOVEC_BYTES + Long.BYTES, vector.length(i));
    }
    return pieces;
  }

  /** As many pieces as one call takes. */
  static int pieceCount(IoVector vector) {
    return Math.min(vector.count(), LinuxCalls.IOV_MAX);
  }

  static byte[] bytes(long address, long length) {
    byte[] copy = new byte[(int) length];
    HostMemory.read(address, copy, 0, copy.length);
    return copy;
  }
}
