package org.maloca.devices.virtio.ninep;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.maloca.core.linux.Errno;

/**
 * An operation failed with one of Linux's error numbers, which the guest gets as it is. Made in
 * advance and without stacks, since a build asks for many files that do not exist.
 */
final class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int KNOWN = 256;
  private static final IntFunction<ErrnoException> MAKE = ErrnoException::new;
  private static final ErrnoException[] ALL =
      IntStream.range(0, KNOWN).mapToObj(MAKE).toArray(ErrnoException[]::new);

  private final int errno;

  private ErrnoException(int errno) {
    super("errno " + errno, null, false, false);
    this.errno = errno;
  }

  static ErrnoException of(int errno) {
    return errno > 0 && errno < KNOWN ? ALL[errno] : ALL[Errno.EIO];
  }

  /** Passes on what a system call answers, unless that is an error number negated. */
  static long check(long result) throws ErrnoException {
    if (result < 0) {
      throw of((int) -result);
    }
    return result;
  }

  /** As the other {@link #check}. */
  static int check(int result) throws ErrnoException {
    if (result < 0) {
      throw of(-result);
    }
    return result;
  }

  int errno() {
    return errno;
  }
}
