package org.maloca.x86.translate;

import java.util.List;
import org.maloca.core.jvm.JitCompiler;

/**
 * Tells HotSpot how to compile regions. Its optimizing compiler is to inline what they call
 * whatever its own rules say: it has no profile of them, and would take their calls for seldom
 * made. The JVM keeps what it is told for ever, so it is told once for all machines in the process.
 */
final class RegionInlining {
  private static final List<String> INLINED =
      List.of(
          "org/maloca/core/memory/HostMemory.*",
          "org/maloca/x86/mmu/Mmu.load*",
          "org/maloca/x86/mmu/Mmu.store*",
          "org/maloca/x86/mmu/Mmu.hit*",
          "org/maloca/x86/translate/RegionRuntime.*",
          "java/lang/Integer.rotate*",
          "java/lang/Long.rotate*",
          "org/maloca/x86/integer/Division.isPlain*",
          "org/maloca/x86/integer/Division.fits*",
          "org/maloca/x86/Cpu.signExtend",
          "org/maloca/x86/Cpu.withBase",
          "org/maloca/x86/simd/Swar.*",
          "org/maloca/x86/simd/SignMask.*",
          "org/maloca/x86/simd/FloatFlags.*",
          "org/maloca/x86/simd/LaneMultiply.*",
          "org/maloca/x86/mmu/Mmu.low128",
          "org/maloca/x86/mmu/Mmu.high128",
          "org/maloca/x86/simd/DoubleArithmetic.*",
          "org/maloca/x86/simd/SingleArithmetic.*",
          "org/maloca/x86/simd/ScalarConversion.*",
          "org/maloca/x86/simd/PackedSingle.*",
          "org/maloca/x86/simd/PackedDouble.*",
          "org/maloca/x86/simd/PackedConversion.*",
          "org/maloca/x86/simd/Permutation.*",
          "org/maloca/x86/simd/Interleave.*",
          "org/maloca/x86/simd/Saturation.*");

  /**
   * One call for an access, which goes to code that is as good as it gets. The quick compiler would
   * inline the outermost part, which is short, and make it two. What it inlines also makes its
   * frames larger, and what lies far up in a frame takes three bytes more to be reached.
   */
  private static final List<String> CALLED =
      List.of(
          "org/maloca/x86/mmu/Mmu.load*",
          "org/maloca/x86/mmu/Mmu.store*",
          "org/maloca/x86/Cpu.pushSlot",
          "org/maloca/x86/Cpu.popSlot",
          "org/maloca/x86/Cpu.popReturn",
          "org/maloca/x86/Cpu.leaveFrame",
          "org/maloca/x86/translate/ReturnPlaces.*",
          "org/maloca/x86/translate/RegionRuntime.*");

  static {
    JitCompiler.direct(RegionCompiler.CLASS_NAME_PATTERN, INLINED, CALLED);
  }

  private RegionInlining() {}

  /** Has told it when this returns. */
  static void ensure() {}
}
