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
 * Lets the JVM's compilers stand back behind the guests that wait for their code, and the
 * optimizing one behind everything else: its work takes long and is worth much later. Java offers
 * no such thing; on Linux threads have priorities of their own, which everybody may lower ({@code
 * setpriority(2)}). Elsewhere, and where the system refuses, nothing happens.
 */
public final class CompilerPriority {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** What HotSpot calls its compilers' threads, as far as the kernel keeps it. */
  private static final String OPTIMIZING_COMPILER = "C2 Compiler";

  private static final String QUICK_COMPILER = "C1 Compiler";

  private static final int PRIO_PROCESS = 0;

  /** The calling thread. */
  private static final int SELF = 0;

  private static final int FAR_BACK = 12;

  /** Of a thread that would otherwise only run when a guest's CPU rests. */
  private static final int LITTLE_BACK = 3;

  private static final int BACK = 4;

  private CompilerPriority() {}

  /**
   * Lowers the priority of the compilers' threads that there are now, and of the calling one.
   *
   * @param busyThreads of the guests: where they leave the host no processor to spare, compilers
   *     that stood far back would never be done
   */
  public static void lower(int busyThreads) {
    boolean spares = Runtime.getRuntime().availableProcessors() > busyThreads;
    int optimizingPriority = spares ? FAR_BACK : LITTLE_BACK;
    int quickPriority = spares ? BACK : 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      MethodHandle setPriority = setPriority();
      int ignored = (int) setPriority.invokeExact(PRIO_PROCESS, SELF, quickPriority);
      for (Path thread : threads) {
        String name = Files.readString(thread.resolve("comm"));
        boolean optimizing = name.startsWith(OPTIMIZING_COMPILER);
        if (optimizing || name.startsWith(QUICK_COMPILER)) {
          int id = Integer.parseInt(thread.getFileName().toString());
          int alsoIgnored =
              (int)
                  setPriority.invokeExact(
                      PRIO_PROCESS, id, optimizing ? optimizingPriority : quickPriority);
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
