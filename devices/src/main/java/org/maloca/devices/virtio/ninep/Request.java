package org.maloca.devices.virtio.ninep;

import java.util.Arrays;
import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;

/**
 * A message of the guest, read field by field: little-endian integers, and strings with two bytes
 * of length (9P2000, intro(5)). All but the bytes to be written are copied out of the guest's
 * memory first, so that it cannot change them behind a check. Not thread-safe.
 */
final class Request {
  /** size[4] type[1] tag[2]. */
  static final int HEADER_BYTES = 7;

  /** No message but Twrite is longer: Twalk has 16 names, Tsymlink a path. */
  private static final int MAX_FIELDS = 8192;

  private final byte[] bytes = new byte[MAX_FIELDS];
  private IoVector whole = new IoVector();
  private int end;
  private int at;

  /**
   * Takes a message.
   *
   * @return false when there is not even a header
   */
  boolean take(IoVector message) {
    whole = message;
    end = (int) Math.min(message.bytes(), MAX_FIELDS);
    at = HEADER_BYTES;
    if (end < HEADER_BYTES) {
      return false;
    }
    message.copyTo(0, bytes, 0, end);
    return true;
  }

  /**
   * Holds the message to the size that it says it has. A write's data may lie behind that: Linux
   * before 5.18 counts only the header when data is not copied into the message.
   */
  void checkSize(long maxBytes) throws ErrnoException {
    long size = get(0, 4);
    if (size < HEADER_BYTES || size > whole.bytes()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (size > maxBytes || size > MAX_FIELDS && type() != MessageType.TWRITE) {
      throw ErrnoException.of(Errno.EMSGSIZE);
    }
    end = (int) Math.min(size, end);
  }

  int type() {
    return bytes[4] & 0xff;
  }

  int tag() {
    return (int) get(5, 2);
  }

  /** The four bytes behind the header, which in most messages are a fid; 0 when there are none. */
  int firstField() {
    return end < HEADER_BYTES + 4 ? 0 : (int) get(HEADER_BYTES, 4);
  }

  int u8() throws ErrnoException {
    return (int) next(1);
  }

  int u16() throws ErrnoException {
    return (int) next(2);
  }

  int u32() throws ErrnoException {
    return (int) next(4);
  }

  long u64() throws ErrnoException {
    return next(8);
  }

  byte[] string() throws ErrnoException {
    int length = u16();
    if (length > end - at) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** The name of something in a directory. */
  byte[] name() throws ErrnoException {
    return Names.check(string());
  }

  /** Whether the message has further fields. */
  boolean hasMore() {
    return at < end;
  }

  /** Makes a vector of the data that follows the fields. */
  void data(long length, IoVector target) throws ErrnoException {
    if (length > whole.bytes() - at) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    target.setSlice(whole, at, length);
  }

  private long next(int size) throws ErrnoException {
    if (size > end - at) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    at += size;
    return get(at - size, size);
  }

  private long get(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }
}
