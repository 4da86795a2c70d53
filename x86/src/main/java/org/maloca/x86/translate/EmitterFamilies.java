package org.maloca.x86.translate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.Insn;

/** The families of emitters of one region method. */
final class EmitterFamilies {
  private final List<InsnEmitter> families;

  EmitterFamilies(Emitter emitter) {
    families = List.of(new IntegerEmitter(emitter), new StackEmitter(emitter));
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
