package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;

/**
 * The message that answers a request, put together in an array and copied to the guest at the end;
 * the bytes of a read go to the guest at once, behind the fields. Not thread-safe.
 */
final class Reply {
  /** No message but Rread is longer. */
  static final int MAX_FIELDS = 64 << 10;

  private static final int QID_DIR = 0x80;
  private static final int QID_SYMLINK = 0x02;
  private static final int ERROR_BYTES = Request.HEADER_BYTES + 4;

  private final byte[] bytes = new byte[MAX_FIELDS];
  private IoVector target = new IoVector();
  private long room;
  private int at;
  private long dataBytes;

  /** Starts a message of at most {@code maxBytes}. */
  void begin(IoVector guest, long maxBytes) {
    target = guest;
    room = Math.min(guest.bytes(), maxBytes);
    restart();
  }

  private void restart() {
    at = Request.HEADER_BYTES;
    dataBytes = 0;
  }

  /** Bytes that the message can still take, where its data is copied through the array. */
  int fieldRoom() {
    return (int) Math.max(0, Math.min(room, MAX_FIELDS) - at);
  }

  void u8(int value) throws ErrnoException {
    put(value, 1);
  }

  void u16(int value) throws ErrnoException {
    put(value, 2);
  }

  void u32(long value) throws ErrnoException {
    put(value, 4);
  }

  void u64(long value) throws ErrnoException {
    put(value, 8);
  }

  void string(byte[] text) throws ErrnoException {
    u16(text.length);
    raw(text, 0, text.length);
  }

  void raw(byte[] source, int offset, int length) throws ErrnoException {
    checkRoom(length);
    System.arraycopy(source, offset, bytes, at, length);
    at += length;
  }

  void qid(int fileType, int version, long path) throws ErrnoException {
    u8(qidType(fileType));
    u32(version);
    u64(path);
  }

  private static int qidType(int fileType) {
    return switch (fileType & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> QID_DIR;
      case FileMode.S_IFLNK -> QID_SYMLINK;
      default -> 0;
    };
  }

  /** Where the message has come to, for {@link #setU16} and {@link #setU32}. */
  int position() {
    return at;
  }

  void setU16(int position, int value) {
    set(position, value, 2);
  }

  void setU32(int position, int value) {
    set(position, value, 4);
  }

  /** Makes a vector of up to {@code length} bytes of the guest's room behind the fields. */
  void dataRoom(long length, IoVector vector) {
    vector.setSlice(target, at, Math.max(0, Math.min(length, room - at)));
  }

  /** Says that data is behind the fields. */
  void dataWritten(long length) {
    dataBytes = length;
  }

  /**
   * Copies the message to the guest.
   *
   * @return its length
   */
  long finish(int type, int tag) {
    set(0, (int) (at + dataBytes), 4);
    bytes[4] = (byte) type;
    set(5, tag, 2);
    target.copyFrom(0, bytes, 0, at);
    return at + dataBytes;
  }

  /**
   * Sends an error in place of what was put together.
   *
   * @return length of the message: 0 where the guest left no room for it
   */
  long fail(int tag, int errno) {
    restart();
    if (target.bytes() < ERROR_BYTES) {
      return 0;
    }
    set(at, errno, 4);
    at = ERROR_BYTES;
    return finish(MessageType.RLERROR, tag);
  }

  private void put(long value, int size) throws ErrnoException {
    checkRoom(size);
    set(at, value, size);
    at += size;
  }

  private void checkRoom(int size) throws ErrnoException {
    if (size > fieldRoom()) {
      throw ErrnoException.of(Errno.EMSGSIZE);
    }
  }

  private void set(int position, long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes[position + i] = (byte) (value >>> 8 * i);
    }
  }
}
