package org.maloca.x86.translate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.Insn;

/** The families of emitters of one region method. */
final class EmitterFamilies {
  private final List<InsnEmitter> families;

  EmitterFamilies(Emitter emitter) {
    VectorOperands operands = new VectorOperands(emitter);
    families =
        List.of(
            new IntegerEmitter(emitter),
            new StackEmitter(emitter),
            new ShiftEmitter(emitter),
            new RotateEmitter(emitter),
            new MultiplyDivideEmitter(emitter),
            new BitTestEmitter(emitter),
            new BitCountEmitter(emitter),
            new BitFieldEmitter(emitter),
            new AtomicEmitter(emitter),
            new FlagBitEmitter(emitter),
            new SystemEmitter(emitter),
            new X87Emitter(emitter),
            new VectorMoveEmitter(emitter, operands),
            new ScalarFloatEmitter(emitter, operands),
            new ConversionEmitter(emitter, operands),
            new PackedFloatEmitter(emitter, operands),
            new LanewiseEmitter(emitter, operands),
            new ShuffleEmitter(emitter, operands));
  }

  /** The family that emits an instruction, or null where it is left to its handler. */
  @Nullable InsnEmitter of(Insn insn) {
    for (InsnEmitter family : families) {
      if (family.knows(insn)) {
        return family;
      }
    }
    return null;
  }
}
