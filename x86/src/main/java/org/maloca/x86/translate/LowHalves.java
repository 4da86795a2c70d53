package org.maloca.x86.translate;

import java.util.List;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Decides in which form a region keeps the low halves of XMM registers. */
final class LowHalves {
  private LowHalves() {}

  /**
   * A bit for each XMM register that most instructions of the blocks take for a double: it then is
   * a {@code double} in its local, which spares moves between the host's register files.
   */
  static int asDoubles(List<RegionBlock> blocks) {
    int[] votes = new int[16];
    for (RegionBlock block : blocks) {
      for (Insn insn : block.block().insns) {
        count(insn, votes);
      }
    }
    int set = 0;
    for (int i = 0; i < 16; i++) {
      if (votes[i] > 0) {
        set |= 1 << i;
      }
    }
    return set;
  }

  private static void count(Insn insn, int[] votes) {
    int vote = Effects.isScalarDouble(insn.operation) ? 1 : isNeutral(insn) ? 0 : -1;
    for (int n = 0; n < 4; n++) {
      if (insn.kind(n) == OperandKind.XMM) {
        votes[insn.register(n)] += vote;
      }
    }
  }

  /** Copies and zeroing cost the same in both forms. */
  private static boolean isNeutral(Insn insn) {
    return switch (insn.operation) {
      case MOVAPS, MOVAPD, PXOR, XORPS, XORPD, UNPCKLPD -> true;
      default -> false;
    };
  }
}
