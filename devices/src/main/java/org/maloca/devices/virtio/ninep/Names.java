package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;

/** Names as a guest may give them: of one component, and no way up. */
final class Names {
  /** {@code NAME_MAX} of Linux. */
  static final int MAX_BYTES = 255;

  private Names() {}

  /** Refuses what is not the name of something in a directory. */
  static byte[] check(byte[] name) throws ErrnoException {
    checkComponent(name);
    if (isParent(name)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return name;
  }

  /** As {@link #check}, but takes {@code ..}. */
  static byte[] checkComponent(byte[] name) throws ErrnoException {
    if (name.length > MAX_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    if (name.length == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (name.length == 1 && name[0] == '.') {
      throw ErrnoException.of(Errno.EINVAL);
    }
    checkNoZero(name);
    for (byte letter : name) {
      if (letter == '/') {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }
    return name;
  }

  static boolean isParent(byte[] name) {
    return name.length == 2 && name[0] == '.' && name[1] == '.';
  }

  /** Refuses what C would read as something shorter. */
  static byte[] checkNoZero(byte[] text) throws ErrnoException {
    for (byte letter : text) {
      if (letter == 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }
    return text;
  }
}
