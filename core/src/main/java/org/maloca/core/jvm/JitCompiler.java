package org.maloca.core.jvm;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import jdk.internal.misc.Unsafe;
import org.jspecify.annotations.Nullable;

/**
 * Asks HotSpot to compile a method now, at a tier of our choosing, by the JVM's own test interface
 * ({@code -XX:+UnlockDiagnosticVMOptions -XX:+WhiteBoxAPI}, with {@code jdk.internal.misc}
 * exported). Code that is made at run time and is known to be hot need not be interpreted by the
 * JVM for thousands of rounds first. Without those flags {@link #isAvailable} is false and the JVM
 * decides for itself. All methods may be called from any thread.
 */
public final class JitCompiler {
  /** Not compiled. */
  public static final int TIER_NONE = 0;

  /**
   * The quick compiler's code, without counters: it stays until {@link #TIER_BEST} is asked for.
   */
  public static final int TIER_QUICK = 1;

  /** The optimizing compiler's code. */
  public static final int TIER_BEST = 4;

  private static final ClassDesc WHITE_BOX = ClassDesc.of("jdk.test.whitebox.WhiteBox");
  private static final ClassDesc EXECUTABLE = ClassDesc.of("java.lang.reflect.Executable");
  private static final int ANY_ENTRY = -1;
  private static final @Nullable Handles HANDLES = connect();

  private record Handles(
      MethodHandle enqueue, MethodHandle level, MethodHandle queued, MethodHandle direct) {}

  private JitCompiler() {}

  public static boolean isAvailable() {
    return HANDLES != null;
  }

  /**
   * Has a method compiled. Of one that {@link #direct} knows, the code is there when this returns:
   * HotSpot's compilers go on with what somebody waits for, while other methods are taken in the
   * order of how often they were called, and one that never was would come last.
   *
   * @return false if the JVM refuses, as with a method that is too long
   */
  public static boolean compile(Method method, int tier) {
    try {
      return HANDLES != null
          && (boolean) HANDLES.enqueue.invokeExact((Executable) method, tier, ANY_ENTRY);
    } catch (Throwable failed) {
      throw new IllegalStateException("the JVM's compiler could not be asked", failed);
    }
  }

  /**
   * The tier of the code that a method runs now; 2 and 3 are the quick compiler's with counters.
   */
  public static int tierOf(Method method) {
    try {
      return HANDLES == null
          ? TIER_NONE
          : (int) HANDLES.level.invokeExact((Executable) method, false);
    } catch (Throwable failed) {
      throw new IllegalStateException("the JVM's compiler could not be asked", failed);
    }
  }

  /** Methods that wait to be compiled at a tier. */
  public static int queued(int tier) {
    try {
      return HANDLES == null ? 0 : (int) HANDLES.queued.invokeExact(tier);
    } catch (Throwable failed) {
      throw new IllegalStateException("the JVM's compiler could not be asked", failed);
    }
  }

  /**
   * Says how methods are to be compiled: {@link #compile} waits for them, and what they call is
   * inlined or not, whatever its size and use. The JVM keeps it for ever.
   *
   * @param methods pattern of their names, as in compiler directives
   * @param inlinedByBest patterns of the methods that the optimizing compiler is to inline
   * @param calledByQuick patterns of the methods that the quick compiler is not to inline
   */
  public static void direct(
      String methods, List<String> inlinedByBest, List<String> calledByQuick) {
    give(
        """
        [{
          match: "%s",
          BackgroundCompilation: false,
          c1: {inline: [%s]},
          c2: {inline: [%s]}
        }]
        """
            .formatted(methods, listed("-", calledByQuick), listed("+", inlinedByBest)));
  }

  /**
   * Has the optimizing compiler inline what methods call, whatever its size and use: what it makes
   * of them then does not depend on what was called how often when they were compiled. The JVM
   * keeps it for ever.
   *
   * @param methods pattern of their names, as in compiler directives
   * @param inlined patterns of the methods that they call, and that those call
   */
  public static void inline(String methods, List<String> inlined) {
    give("[{match: \"%s\", c2: {inline: [%s]}}]".formatted(methods, listed("+", inlined)));
  }

  /**
   * Keeps methods from the optimizing compiler: the quick one's code is good enough for them. The
   * JVM keeps it for ever.
   *
   * @param methods patterns of their names, as in compiler directives
   */
  public static void leaveToQuick(List<String> methods) {
    give("[{match: [%s], c2: {Exclude: true}}]".formatted(listed("", methods)));
  }

  private static void give(String directives) {
    try {
      if (HANDLES != null) {
        int ignored = (int) HANDLES.direct.invokeExact(directives);
      }
    } catch (Throwable failed) {
      throw new IllegalStateException("the JVM's compiler could not be asked", failed);
    }
  }

  private static String listed(String sign, List<String> patterns) {
    patterns.forEach(JitCompiler::requireStarsAtEnds);
    return patterns.stream()
        .map(pattern -> '"' + sign + pattern + '"')
        .collect(Collectors.joining(", "));
  }

  /** A pattern with a star elsewhere is taken by the JVM, and matches nothing. */
  private static void requireStarsAtEnds(String pattern) {
    for (String part : pattern.split("\\.")) {
      if (part.length() > 2 && part.substring(1, part.length() - 1).contains("*")) {
        throw new IllegalArgumentException("a star amid a name: " + pattern);
      }
    }
  }

  private static @Nullable Handles connect() {
    try {
      Class<?> type = Definer.define(nativeMethods());
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      lookup.findStatic(type, "registerNatives", MethodType.methodType(void.class)).invokeExact();
      Object box = lookup.findConstructor(type, MethodType.methodType(void.class)).invoke();
      MethodHandle enqueue =
          lookup
              .findVirtual(
                  type,
                  "enqueueMethodForCompilation0",
                  MethodType.methodType(boolean.class, Executable.class, int.class, int.class))
              .bindTo(box);
      MethodHandle level =
          lookup
              .findVirtual(
                  type,
                  "getMethodCompilationLevel0",
                  MethodType.methodType(int.class, Executable.class, boolean.class))
              .bindTo(box);
      MethodHandle queued =
          lookup
              .findVirtual(type, "getCompileQueueSize", MethodType.methodType(int.class, int.class))
              .bindTo(box);
      MethodHandle direct =
          lookup
              .findVirtual(
                  type, "addCompilerDirective", MethodType.methodType(int.class, String.class))
              .bindTo(box);
      // Says that the natives are there: without the JVM's flag this does not link.
      int ignored =
          (int)
              level.invokeExact(
                  (Executable) JitCompiler.class.getDeclaredMethod("isAvailable"), false);
      return new Handles(enqueue, level, queued, direct);
    } catch (Throwable notOffered) {
      return null;
    }
  }

  /** The class that the JVM attaches its test interface to, with the methods that are used here. */
  private static byte[] nativeMethods() {
    int flags = ClassFile.ACC_PUBLIC | ClassFile.ACC_NATIVE;
    return ClassFile.of()
        .build(
            WHITE_BOX,
            type ->
                type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER)
                    .withMethodBody(
                        "<init>",
                        ConstantDescs.MTD_void,
                        ClassFile.ACC_PUBLIC,
                        code ->
                            code.aload(0)
                                .invokespecial(
                                    ConstantDescs.CD_Object, "<init>", ConstantDescs.MTD_void)
                                .return_())
                    .withMethod(
                        "registerNatives",
                        ConstantDescs.MTD_void,
                        flags | ClassFile.ACC_STATIC,
                        method -> {})
                    .withMethod(
                        "enqueueMethodForCompilation0",
                        MethodTypeDesc.of(
                            ConstantDescs.CD_boolean,
                            EXECUTABLE,
                            ConstantDescs.CD_int,
                            ConstantDescs.CD_int),
                        flags,
                        method -> {})
                    .withMethod(
                        "getCompileQueueSize",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int),
                        flags,
                        method -> {})
                    .withMethod(
                        "addCompilerDirective",
                        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_String),
                        flags,
                        method -> {})
                    .withMethod(
                        "getMethodCompilationLevel0",
                        MethodTypeDesc.of(
                            ConstantDescs.CD_int, EXECUTABLE, ConstantDescs.CD_boolean),
                        flags,
                        method -> {}));
  }

  /** Loaded only when linked, so that a missing export is noticed rather than fatal. */
  private static final class Definer {
    static Class<?> define(byte[] bytes) {
      return Unsafe.getUnsafe()
          .defineClass("jdk/test/whitebox/WhiteBox", bytes, 0, bytes.length, null, null);
    }
  }
}
