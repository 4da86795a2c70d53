package org.maloca.x86.translate;

import java.util.List;
import org.maloca.core.jvm.JitCompiler;

/**
 * Tells HotSpot which of the translator's own tools its optimizing compiler shall leave alone. They
 * work while guest code is new, above all in a boot, when that compiler has more to do than it can,
 * and took a third of its time, up to a quarter of a second for one method. Told once for all
 * machines in the process.
 */
final class PlainTools {
  private static final List<String> TOOLS =
      List.of(
          "org/maloca/x86/decode/*.*",
          "org/maloca/x86/code/BlockDecoder.*",
          "org/maloca/x86/bytecode/*.*",
          "org/maloca/x86/translate/*Emitter.*",
          "org/maloca/x86/translate/FlagLiveness.*",
          "org/maloca/x86/translate/LiveRegions.*",
          "org/maloca/x86/translate/RegionMethod.*",
          "org/maloca/x86/translate/RegionPlan.*",
          // What the JDK makes its lambdas and calls of native functions with.
          "java/lang/invoke/*.*",
          "jdk/internal/classfile/impl/*.*");

  static {
    JitCompiler.leaveToQuick(TOOLS);
  }

  private PlainTools() {}

  /** Has told it when this returns. */
  static void ensure() {}
}
