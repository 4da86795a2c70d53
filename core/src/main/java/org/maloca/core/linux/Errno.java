package org.maloca.core.linux;

/** Linux's error numbers ({@code errno(3)}), the same on all architectures that we know. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int EMFILE = 24;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EPROTO = 71;
  public static final int EBADFD = 77;
  public static final int EMSGSIZE = 90;
  public static final int EOPNOTSUPP = 95;
  public static final int EADDRINUSE = 98;
  public static final int EHOSTUNREACH = 113;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;

  private Errno() {}

  /** What people are told of an error, as {@code strerror(3)} has it for what files meet. */
  public static String describe(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted (EPERM)";
      case ENOENT -> "no such file or directory (ENOENT)";
      case EIO -> "input/output error (EIO)";
      case ENXIO -> "no such device or address (ENXIO)";
      case EAGAIN -> "temporarily unavailable (EAGAIN)";
      case ENOMEM -> "cannot allocate memory (ENOMEM)";
      case EACCES -> "permission denied (EACCES)";
      case EBUSY -> "busy (EBUSY)";
      case EISDIR -> "is a directory (EISDIR)";
      case EINVAL -> "invalid argument (EINVAL)";
      case EMFILE -> "too many open files (EMFILE)";
      case EFBIG -> "file too large (EFBIG)";
      case ENOSPC -> "no space left on device (ENOSPC)";
      case EROFS -> "read-only file system (EROFS)";
      case ELOOP -> "too many symbolic links (ELOOP)";
      case EOPNOTSUPP -> "operation not supported (EOPNOTSUPP)";
      case ESTALE -> "stale file handle (ESTALE)";
      case EDQUOT -> "disk quota exceeded (EDQUOT)";
      default -> "error " + errno;
    };
  }
}
