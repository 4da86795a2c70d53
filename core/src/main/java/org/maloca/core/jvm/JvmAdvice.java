package org.maloca.core.jvm;

import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;
import org.maloca.core.memory.HostMemory;

/**
 * Tells whoever embeds Maloca, once in a process and by one line of the log, which flags of the JVM
 * would make software CPUs faster. Everything works without them.
 */
public final class JvmAdvice {
  private static final System.Logger LOG = System.getLogger(JvmAdvice.class.getName());
  private static final AtomicBoolean GIVEN = new AtomicBoolean();

  private JvmAdvice() {}

  /**
   * Says it, unless it was said or nothing is missing; from any thread.
   *
   * @param compiles whether guest code is compiled to JVM bytecode, so that the JVM's compilers
   *     matter. To find out about them takes a while when it is done for the first time
   */
  public static void giveOnce(boolean compiles) {
    boolean slowMemory = !HostMemory.isFast();
    boolean ownPace = compiles && !JitCompiler.isAvailable();
    if ((slowMemory || ownPace) && GIVEN.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.INFO,
          "virtual CPUs would be faster with these flags of the JVM: {0}",
          flags(slowMemory, ownPace));
    }
  }

  static String flags(boolean slowMemory, boolean ownPace) {
    StringJoiner flags = new StringJoiner(" ");
    if (slowMemory) {
      Module module = JvmAdvice.class.getModule();
      flags.add("--add-exports");
      flags.add(
          "java.base/jdk.internal.misc=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
    }
    if (ownPace) {
      flags.add("-XX:+UnlockDiagnosticVMOptions -XX:+WhiteBoxAPI -XX:-DisplayVMOutput");
    }
    return flags.toString();
  }
}
