package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnPrinter;

/**
 * A region whose bytecode is emitted, before its class is defined.
 *
 * @param number unique in its translator
 * @param base the RIP that offsets of its code count from
 * @param code of its method; the slots that it names are {@link Locals}
 * @param attempts 1, and one more for each time that the method got too long
 */
@SuppressWarnings("ArrayRecordComponent")
record RegionDraft(
    int number,
    RegionShape.Kind kind,
    long base,
    RegionPlan plan,
    FlagLiveness liveness,
    byte[] classFile,
    MethodCode code,
    int attempts) {

  /** RIP of its first block. */
  long rip() {
    return base + plan.entries().getFirst().offset();
  }

  /** Bytes of the bytecode of its method. */
  int codeBytes() {
    return code.length();
  }

  int guestInsns() {
    int count = 0;
    for (RegionBlock block : plan.blocks()) {
      count += block.block().count;
    }
    return count;
  }

  /** Whether an instruction of the region begins at a linear address. */
  boolean contains(long rip) {
    return insnAt(rip - base) != null;
  }

  /** The instruction at an offset, for people. */
  String textAt(int offset) {
    Insn insn = insnAt(offset);
    return "%x  %s".formatted(base + offset, insn == null ? "" : InsnPrinter.print(insn));
  }

  private @Nullable Insn insnAt(long offset) {
    for (RegionBlock block : plan.blocks()) {
      for (Insn insn : block.block().insns()) {
        if (block.at(insn) == offset) {
          return insn;
        }
      }
    }
    return null;
  }
}
