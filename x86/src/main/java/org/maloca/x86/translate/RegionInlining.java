package org.maloca.x86.translate;

import java.util.List;
import org.maloca.core.jvm.JitCompiler;

/**
 * Tells HotSpot how to compile regions, and what they call in numbers. Its optimizing compiler is
 * to inline what they call whatever its own rules say: it has no profile of them, and would take
 * their calls for seldom made. The JVM keeps what it is told for ever, so it is told once for all
 * machines in the process.
 */
final class RegionInlining {
  private static final List<String> INLINED =
      List.of(
          "org/maloca/core/memory/HostMemory.*",
          "org/maloca/x86/mmu/Mmu.load*",
          "org/maloca/x86/mmu/Mmu.store*",
          "org/maloca/x86/mmu/Mmu.hit*",
          "org/maloca/x86/mmu/HostAccess.*",
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
          "org/maloca/x86/mmu/Mmu.host*",
          "org/maloca/x86/Cpu.pushSlot",
          "org/maloca/x86/Cpu.popSlot",
          "org/maloca/x86/Cpu.popReturn",
          "org/maloca/x86/Cpu.leaveFrame",
          "org/maloca/x86/translate/Region.settledNext",
          "org/maloca/x86/translate/ReturnPlaces.*",
          "org/maloca/x86/translate/RegionRuntime.*");

  /** What x87 instructions are made of in the common case, which regions call one by one. */
  private static final List<String> INLINED_IN_X87 =
      List.of(
          "org/maloca/x86/softfloat/NearestExtended.isNormal",
          "org/maloca/x86/softfloat/NearestExtended.isZero",
          "org/maloca/x86/softfloat/NearestExtended.notZero",
          "org/maloca/x86/softfloat/NearestExtended.round",
          "org/maloca/x86/softfloat/NearestExtended.add",
          "org/maloca/x86/softfloat/NearestExtended.addMagnitudes",
          "org/maloca/x86/softfloat/NearestExtended.subtractMagnitudes",
          "org/maloca/x86/softfloat/NearestExtended.multiply",
          "org/maloca/x86/softfloat/NearestExtended.divide",
          "org/maloca/x86/softfloat/NearestExtended.fraction",
          "org/maloca/x86/softfloat/NearestExtended.squareRoot",
          "org/maloca/x86/softfloat/NearestExtended.compare",
          "org/maloca/x86/softfloat/Significand.divide128",
          "org/maloca/x86/softfloat/Significand.digit",
          "org/maloca/x86/softfloat/SquareRoot.*",
          "org/maloca/x86/softfloat/CommonConversion.*",
          "org/maloca/x86/fpu/X87Arithmetic.sum*",
          "org/maloca/x86/fpu/X87State.are*",
          "org/maloca/x86/fpu/X87State.check*",
          "org/maloca/x86/fpu/X87State.drop",
          "org/maloca/x86/fpu/X87State.finish",
          "org/maloca/x86/fpu/X87State.is*",
          "org/maloca/x86/fpu/X87State.physical",
          "org/maloca/x86/fpu/X87State.raise",
          "org/maloca/x86/fpu/X87Unit.check",
          "org/maloca/x86/fpu/X87Unit.pop",
          "org/maloca/x86/fpu/X87Unit.push",
          "org/maloca/x86/fpu/X87Unit.write");

  /** The way from a region to the next, as one piece of code: it is as short as a function's. */
  private static final List<String> INLINED_BETWEEN_REGIONS =
      List.of(
          "org/maloca/x86/translate/Region.settleCount",
          "org/maloca/x86/translate/Region.next*",
          "org/maloca/x86/translate/Region.follow",
          "org/maloca/x86/translate/Region.is*",
          "org/maloca/x86/translate/Landing.*",
          "org/maloca/x86/translate/ReturnPlaces.find",
          "org/maloca/x86/code/CodeCache.regionAtRip",
          "org/maloca/x86/code/CodeCache.regionReturnedTo",
          "org/maloca/x86/code/CodeCache.enterableAtRip",
          "org/maloca/x86/code/CodeCache.mayEnterRegion");

  static {
    JitCompiler.inline("org/maloca/x86/translate/Region.settledNext", INLINED_BETWEEN_REGIONS);
    JitCompiler.inline("org/maloca/x86/translate/Region.next", INLINED_BETWEEN_REGIONS);
    JitCompiler.inline("org/maloca/x86/fpu/X87*.*", INLINED_IN_X87);
    JitCompiler.direct(RegionCompiler.CLASS_NAME_PATTERN, INLINED, CALLED);
  }

  private RegionInlining() {}

  /** Has told it when this returns. */
  static void ensure() {}
}
