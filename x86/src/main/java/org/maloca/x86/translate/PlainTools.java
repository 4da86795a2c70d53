package org.maloca.x86.translate;

import java.util.List;
import java.util.stream.Stream;
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
          "org/maloca/x86/code/KeptCode.*",
          "org/maloca/x86/interpret/OpSelector.*",
          "org/maloca/x86/bytecode/*.*",
          // What the JDK makes its lambdas and calls of native functions with.
          "java/lang/invoke/*.*",
          "jdk/internal/classfile/impl/*.*");

  /** Those of this package, some of whose classes serve code that runs. */
  private static final List<Class<?>> OF_TRANSLATOR =
      List.of(
          AtomicEmitter.class,
          BitCountEmitter.class,
          BitFieldEmitter.class,
          BitTestEmitter.class,
          BlockOrder.class,
          ConditionEmitter.class,
          ConversionEmitter.class,
          Effects.class,
          Emitter.class,
          EmitterFamilies.class,
          Exits.class,
          FlagBitEmitter.class,
          FlagEmitter.class,
          FlagLiveness.class,
          FloatRanges.class,
          GuestRegisters.class,
          IntegerEmitter.class,
          KnownAddresses.class,
          LanewiseEmitter.class,
          LiveRegions.class,
          MultiplyDivideEmitter.class,
          PackedFloatEmitter.class,
          RegionBlock.class,
          RegionCompiler.class,
          RegionMethod.class,
          RegionPlan.class,
          RegionShape.class,
          RotateEmitter.class,
          ScalarFloatEmitter.class,
          SharedLookup.class,
          SharedLookups.class,
          SharedOperands.class,
          ShiftEmitter.class,
          ShuffleEmitter.class,
          StackEmitter.class,
          StateEmitter.class,
          SystemEmitter.class,
          VectorLocals.class,
          VectorMoveEmitter.class,
          X87Emitter.class);

  static {
    JitCompiler.leaveToQuick(
        Stream.concat(
                TOOLS.stream(),
                OF_TRANSLATOR.stream().map(type -> type.getName().replace('.', '/') + ".*"))
            .toList());
  }

  private PlainTools() {}

  /** Has told it when this returns. */
  static void ensure() {}
}
