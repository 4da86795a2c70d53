package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;

/**
 * An extended attribute, or the list of a file's, that is read or written through a fid. One that
 * is written is set when the fid is clunked, with as many bytes as were announced.
 */
final class AttributeTransfer {
  /** {@code XATTR_SIZE_MAX} of Linux. */
  static final int MAX_BYTES = 64 << 10;

  private final byte[] name;
  private final byte[] value;
  private final int flags;
  private final boolean isWritten;
  private int writtenBytes;

  private AttributeTransfer(byte[] name, byte[] value, int flags, boolean isWritten) {
    this.name = name;
    this.value = value;
    this.flags = flags;
    this.isWritten = isWritten;
  }

  static AttributeTransfer reading(byte[] value) {
    return new AttributeTransfer(new byte[0], value, 0, false);
  }

  static AttributeTransfer writing(byte[] name, int sizeBytes, int flags) {
    return new AttributeTransfer(name, new byte[sizeBytes], flags, true);
  }

  int sizeBytes() {
    return value.length;
  }

  long read(long offset, IoVector target) throws ErrnoException {
    if (isWritten) {
      throw ErrnoException.of(Errno.EBADF);
    }
    if (offset < 0 || offset >= value.length) {
      return 0;
    }
    int length = (int) Math.min(target.bytes(), value.length - offset);
    target.copyFrom(0, value, (int) offset, length);
    return length;
  }

  /** Takes bytes, which come in order. */
  long write(long offset, IoVector source) throws ErrnoException {
    if (!isWritten) {
      throw ErrnoException.of(Errno.EBADF);
    }
    if (offset != writtenBytes || source.bytes() > value.length - offset) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    source.copyTo(0, value, writtenBytes, (int) source.bytes());
    writtenBytes += (int) source.bytes();
    return source.bytes();
  }

  /** Sets what was written; nothing announced means that the attribute goes. */
  void finish(SharedFile file) throws ErrnoException {
    if (!isWritten) {
      return;
    }
    if (writtenBytes != value.length) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (value.length == 0 && flags == XATTR_REPLACE) {
      file.removeExtendedAttribute(name);
    } else {
      file.setExtendedAttribute(name, value, flags);
    }
  }

  /** What Linux sends with a length of 0 to remove an attribute. */
  private static final int XATTR_REPLACE = 2;
}
