package org.maloca.devices.virtio.ninep;

import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;

/** The guest's handle of a file, opened or not, or of an extended attribute that it transfers. */
final class Fid {
  final int number;

  /** The guest's user, whom new files are given to where that can be done. */
  final int uid;

  /** Counted. */
  final SharedFile file;

  @Nullable OpenedFile opened;
  @Nullable AttributeTransfer attribute;

  /** How it was opened. */
  int flags;

  /** Takes a reference to the file over. */
  Fid(int number, int uid, SharedFile file) {
    this.number = number;
    this.uid = uid;
    this.file = file;
  }

  /** The open file. */
  OpenedFile opened() throws ErrnoException {
    if (opened == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return opened;
  }

  /** Refuses a fid that is in use for reading or writing. */
  void checkUnopened() throws ErrnoException {
    if (opened != null || attribute != null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** Lets go of everything; the fid is of no more use. */
  void release() {
    if (opened != null) {
      opened.close();
      opened = null;
    }
    file.release();
  }
}
