package org.maloca.core.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The C library's functions as method handles, all of one kind: numbers go in and a number comes
 * out, which is negative for a failure. A function that the library does not have fails with {@link
 * Errno#ENOSYS}. Safe for any thread; a call allocates nothing once its thread has made one.
 */
final class CLibrary {
  /** Where a pointer is 64 bits wide and the kernel's constants are those that we know. */
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64", "riscv64");

  private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

  private static final @Nullable Linker LINKER = linker();

  private CLibrary() {}

  /** Null where the host is not one that we know, or native access is denied to us. */
  private static @Nullable Linker linker() {
    boolean isKnown =
        System.getProperty("os.name", "").startsWith("Linux")
            && ARCHITECTURES.contains(System.getProperty("os.arch", ""))
            && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
    if (!isKnown) {
      return null;
    }
    try {
      Linker linker = Linker.nativeLinker();
      MemorySegment probe = linker.defaultLookup().findOrThrow("close");
      MethodHandle allowed =
          linker.downcallHandle(
              probe, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      return allowed == null ? null : linker;
    } catch (IllegalCallerException | UnsupportedOperationException denied) {
      return null;
    }
  }

  static boolean isAvailable() {
    return LINKER != null;
  }

  /** A function of fixed parameters, as a handle that takes and gives long integers. */
  static MethodHandle function(String name, ValueLayout result, ValueLayout... parameters) {
    return variadic(name, parameters.length, result, parameters);
  }

  /** As {@link #function}, of which the parameters from {@code fixed} on may be any number. */
  static MethodHandle variadic(
      String name, int fixed, ValueLayout result, ValueLayout... parameters) {
    MethodType type = type(parameters.length);
    MemorySegment address = LINKER == null ? null : LINKER.defaultLookup().find(name).orElse(null);
    if (LINKER == null || address == null) {
      return MethodHandles.dropArguments(
          missing(), 1, type.dropParameterTypes(0, 1).parameterList());
    }
    FunctionDescriptor descriptor = FunctionDescriptor.of(result, parameters);
    Linker.Option state = Linker.Option.captureCallState("errno");
    MethodHandle handle =
        fixed == parameters.length
            ? LINKER.downcallHandle(address, descriptor, state)
            : LINKER.downcallHandle(
                address, descriptor, state, Linker.Option.firstVariadicArg(fixed));
    return MethodHandles.explicitCastArguments(handle, type);
  }

  /**
   * A function as a handle that tells failures by -1 alone, also where there is no such function. A
   * call never allocates, whereas the JDK may do so to keep the error's number, depending on how
   * much of the caller is compiled in one piece.
   */
  static MethodHandle bareFunction(String name, ValueLayout result, ValueLayout... parameters) {
    MethodType type = type(parameters.length).dropParameterTypes(0, 1);
    MemorySegment address = LINKER == null ? null : LINKER.defaultLookup().find(name).orElse(null);
    if (LINKER == null || address == null) {
      return MethodHandles.dropArguments(
          MethodHandles.constant(long.class, -1L), 0, type.parameterList());
    }
    return MethodHandles.explicitCastArguments(
        LINKER.downcallHandle(address, FunctionDescriptor.of(result, parameters)), type);
  }

  private static MethodType type(int parameters) {
    Class<?>[] numbers = new Class<?>[parameters];
    Arrays.fill(numbers, long.class);
    return MethodType.methodType(long.class, MemorySegment.class, numbers);
  }

  private static MethodHandle missing() {
    try {
      return MethodHandles.lookup()
          .findStatic(
              CLibrary.class,
              "failMissing",
              MethodType.methodType(long.class, MemorySegment.class));
    } catch (ReflectiveOperationException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @SuppressWarnings("unused") // by missing()
  private static long failMissing(MemorySegment state) {
    ERRNO.set(state, 0L, Errno.ENOSYS);
    return -1;
  }

  static long callBare(MethodHandle function, long a, long b, long c, long d) {
    try {
      return (long) function.invokeExact(a, b, c, d);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long callBare(MethodHandle function, long a, long b, long c, long d, long e) {
    try {
      return (long) function.invokeExact(a, b, c, d, e);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a, long b) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a, b), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a, long b, long c) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a, b, c), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a, long b, long c, long d) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a, b, c, d), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a, long b, long c, long d, long e) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a, b, c, d, e), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  static long call(MethodHandle function, long a, long b, long c, long d, long e, long f) {
    MemorySegment state = STATE.get();
    try {
      return result((long) function.invokeExact(state, a, b, c, d, e, f), state);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  private static long result(long answer, MemorySegment state) {
    return answer < 0 ? -(int) ERRNO.get(state, 0L) : answer;
  }

  private static IllegalStateException broken(Throwable failure) {
    return new IllegalStateException("the C library cannot be called", failure);
  }
}
