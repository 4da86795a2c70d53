package org.maloca.core.jvm;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lets the JVM's optimizing compiler stand back behind everything else: its work takes long and is
 * worth much later, while guests and the quick compiler are wanted now. Java offers no such thing;
 * on Linux threads have priorities of their own, which everybody may lower ({@code
 * setpriority(2)}). Elsewhere, and where the system refuses, nothing happens.
 */
public final class CompilerPriority {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** What HotSpot calls the threads of its optimizing compiler, as far as the kernel keeps it. */
  private static final String OPTIMIZING_COMPILER = "C2 Compiler";

  private static final int PRIO_PROCESS = 0;
  private static final int LOWER_BY = 10;

  private CompilerPriority() {}

  /** Lowers the priority of the optimizing compiler's threads that there are now. */
  public static void lower() {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      MethodHandle setPriority = setPriority();
      for (Path thread : threads) {
        if (Files.readString(thread.resolve("comm")).startsWith(OPTIMIZING_COMPILER)) {
          int id = Integer.parseInt(thread.getFileName().toString());
          int ignored = (int) setPriority.invokeExact(PRIO_PROCESS, id, LOWER_BY);
        }
      }
    } catch (IOException | RuntimeException notLinux) {
      // It is a matter of speed only.
    } catch (Throwable failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static MethodHandle setPriority() {
    Linker linker = Linker.nativeLinker();
    MemorySegment address = linker.defaultLookup().find("setpriority").orElseThrow();
    return linker.downcallHandle(
        address,
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT));
  }
}
