package org.maloca.devices.virtio.ninep;

/** Linux's error numbers, which 9P2000.L sends whatever the host is. */
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EIO = 5;
  static final int EBADF = 9;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int EMLINK = 31;
  static final int ERANGE = 34;
  static final int ENAMETOOLONG = 36;
  static final int ENOLCK = 37;
  static final int ENOSYS = 38;
  static final int ENOTEMPTY = 39;
  static final int ELOOP = 40;
  static final int ENODATA = 61;
  static final int EPROTO = 71;
  static final int EMSGSIZE = 90;
  static final int EOPNOTSUPP = 95;
  static final int ESTALE = 116;

  private Errno() {}
}
