package org.maloca.x86.translate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** The families of emitters of one region method. */
final class EmitterFamilies {
  /**
   * By operation, the family that knew one of it the last time: no instruction is known to two.
   * Threads may overwrite each other's, which is a guess anyway.
   */
  private static final byte[] LIKELY = new byte[Operation.values().length];

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
    int operation = insn.operation.ordinal();
    InsnEmitter likely = families.get(LIKELY[operation]);
    if (likely.knows(insn)) {
      return likely;
    }
    for (int i = 0; i < families.size(); i++) {
      if (families.get(i).knows(insn)) {
        LIKELY[operation] = (byte) i;
        return families.get(i);
      }
    }
    return null;
  }

  /** How many families would emit an instruction: one, or none. */
  int knowing(Insn insn) {
    int count = 0;
    for (InsnEmitter family : families) {
      count += family.knows(insn) ? 1 : 0;
    }
    return count;
  }
}
