package org.maloca.net.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Linux's system calls on descriptors, by the C library. Pointers are addresses as long integers,
 * which is how all 64-bit Linux hosts pass them. A failed call answers its error number, negated.
 */
final class LinuxCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EINVAL = 22;
  static final int EADDRINUSE = 98;

  static final int O_RDWR = 2;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int AF_UNIX = 1;
  static final int SOCK_DGRAM = 2;
  static final int POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      function(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT), "open", 2);
  private static final MethodHandle IOCTL =
      function(FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), "ioctl", 2);
  private static final MethodHandle CLOSE = ints("close", JAVA_INT);
  private static final MethodHandle EVENTFD = ints("eventfd", JAVA_INT, JAVA_INT);
  private static final MethodHandle SOCKET = ints("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = ints("bind", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle POLL = ints("poll", JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle READV = longs("readv", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle WRITEV = longs("writev", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDTO =
      longs("sendto", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

  private LinuxCalls() {}

  private static MethodHandle ints(String name, MemoryLayout... parameters) {
    return function(FunctionDescriptor.of(JAVA_INT, parameters), name, -1);
  }

  private static MethodHandle longs(String name, MemoryLayout... parameters) {
    return function(FunctionDescriptor.of(JAVA_LONG, parameters), name, -1);
  }

  private static MethodHandle function(FunctionDescriptor descriptor, String name, int variadic) {
    var address = LINKER.defaultLookup().find(name).orElseThrow();
    return variadic < 0
        ? LINKER.downcallHandle(address, descriptor, ERRNO)
        : LINKER.downcallHandle(
            address, descriptor, ERRNO, Linker.Option.firstVariadicArg(variadic));
  }

  static int open(CallState state, long path, int flags) {
    try {
      return state.answer((int) OPEN.invokeExact(state.errno, path, flags));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int ioctl(CallState state, int descriptor, long request, long argument) {
    try {
      return state.answer((int) IOCTL.invokeExact(state.errno, descriptor, request, argument));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int close(CallState state, int descriptor) {
    try {
      return state.answer((int) CLOSE.invokeExact(state.errno, descriptor));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int eventfd(CallState state) {
    try {
      return state.answer((int) EVENTFD.invokeExact(state.errno, 0, O_NONBLOCK | O_CLOEXEC));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int socket(CallState state, int domain, int type) {
    try {
      return state.answer((int) SOCKET.invokeExact(state.errno, domain, type, 0));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int bind(CallState state, int descriptor, long address, int length) {
    try {
      return state.answer((int) BIND.invokeExact(state.errno, descriptor, address, length));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int poll(CallState state, long descriptors, int count) {
    try {
      return state.answer((int) POLL.invokeExact(state.errno, descriptors, (long) count, -1));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int readv(CallState state, int descriptor, long pieces, int count) {
    try {
      return state.answer((long) READV.invokeExact(state.errno, descriptor, pieces, count));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int writev(CallState state, int descriptor, long pieces, int count) {
    try {
      return state.answer((long) WRITEV.invokeExact(state.errno, descriptor, pieces, count));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int sendto(
      CallState state, int descriptor, long bytes, int length, long address, int addressBytes) {
    try {
      return state.answer(
          (long)
              SENDTO.invokeExact(
                  state.errno, descriptor, bytes, (long) length, 0, address, addressBytes));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static int errno(java.lang.foreign.MemorySegment captured) {
    return (int) ERRNO_VALUE.get(captured, 0L);
  }

  private static IllegalStateException broken(Throwable failure) {
    return new IllegalStateException("a call of the C library", failure);
  }
}
