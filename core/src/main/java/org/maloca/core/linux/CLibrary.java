package org.maloca.core.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calls the C library's functions: numbers go in and a number comes out, which is negative for a
 * failure. A function that the library does not have fails with {@link Errno#ENOSYS}. Safe for any
 * thread; a call allocates nothing once its thread has made one.
 *
 * <p>All functions are called in one way, as if each took {@link #PARAMETERS} long integers: to
 * link a way costs milliseconds of a start. On the hosts that we know integers and pointers are
 * passed in registers of that width, and a function does not look at those that are not its own.
 */
final class CLibrary {
  /** Where that is so, a pointer is 64 bits wide and the kernel's constants are those we know. */
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64", "riscv64");

  private static final int PARAMETERS = 6;

  private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

  /**
   * Takes a function's address and its arguments. Null where the host is not one that we know, or
   * native access is denied to us.
   */
  private static final @Nullable MethodHandle BARE = bareWay();

  private static final @Nullable Linker LINKER = BARE == null ? null : Linker.nativeLinker();

  /** Takes a function's address, where to leave the error's number, and its arguments. */
  private static final @Nullable MethodHandle KEEPING_ERRNO =
      LINKER == null ? null : way(LINKER, Linker.Option.captureCallState("errno"));

  /**
   * A function of the C library.
   *
   * @param address null where the library does not have it, or cannot be called at all
   * @param isInt whether it gives 32 bits, so that those above them say nothing
   */
  record CFunction(@Nullable MemorySegment address, boolean isInt) {
    private long result(long register) {
      return isInt ? (int) register : register;
    }
  }

  private CLibrary() {}

  private static @Nullable MethodHandle bareWay() {
    boolean isKnown =
        System.getProperty("os.name", "").startsWith("Linux")
            && ARCHITECTURES.contains(System.getProperty("os.arch", ""))
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
    if (!isKnown) {
      return null;
    }
    try {
      return way(Linker.nativeLinker());
    } catch (IllegalCallerException | UnsupportedOperationException denied) {
      return null;
    }
  }

  private static MethodHandle way(Linker linker, Linker.Option... options) {
    MemoryLayout[] parameters =
        Collections.nCopies(PARAMETERS, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new);
    return linker.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, parameters), options);
  }

  static boolean isAvailable() {
    return LINKER != null;
  }

  /** A function that gives an {@code int}. */
  static CFunction intFunction(String name) {
    return new CFunction(address(name), true);
  }

  /** A function that gives a {@code long}, a {@code size_t} or a pointer. */
  static CFunction longFunction(String name) {
    return new CFunction(address(name), false);
  }

  private static @Nullable MemorySegment address(String name) {
    return LINKER == null ? null : LINKER.defaultLookup().find(name).orElse(null);
  }

  /**
   * Calls a function that tells failures by -1 alone, also where there is no such function. This
   * never allocates, whereas the JDK may do so to keep the error's number, depending on how much of
   * the caller is compiled in one piece.
   */
  static long callBare(CFunction function, long a, long b, long c, long d, long e) {
    MemorySegment address = function.address;
    if (BARE == null || address == null) {
      return -1;
    }
    try {
      return function.result((long) BARE.invokeExact(address, a, b, c, d, e, 0L));
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(CFunction function) {
    return call(function, 0, 0, 0, 0, 0, 0);
  }

  static long call(CFunction function, long a) {
    return call(function, a, 0, 0, 0, 0, 0);
  }

  static long call(CFunction function, long a, long b) {
    return call(function, a, b, 0, 0, 0, 0);
  }

  static long call(CFunction function, long a, long b, long c) {
    return call(function, a, b, c, 0, 0, 0);
  }

  static long call(CFunction function, long a, long b, long c, long d) {
    return call(function, a, b, c, d, 0, 0);
  }

  static long call(CFunction function, long a, long b, long c, long d, long e) {
    return call(function, a, b, c, d, e, 0);
  }

  static long call(CFunction function, long a, long b, long c, long d, long e, long f) {
    MemorySegment address = function.address;
    if (KEEPING_ERRNO == null || address == null) {
      return -Errno.ENOSYS;
    }
    MemorySegment state = STATE.get();
    try {
      long answer =
          function.result((long) KEEPING_ERRNO.invokeExact(address, state, a, b, c, d, e, f));
      return answer < 0 ? -(int) ERRNO.get(state, 0L) : answer;
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  private static IllegalStateException broken(Throwable failure) {
    return new IllegalStateException("the C library cannot be called", failure);
  }
}
