package org.maloca.x86.translate;

import java.util.List;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * In which form a region keeps the low halves of XMM registers: as what most of its instructions
 * take them for, which spares moves between the host's register files.
 */
final class LowHalves {
  private final int[] doubleVotes = new int[16];
  private final int[] singleVotes = new int[16];

  /** Decides for a region. */
  LowHalves(List<RegionBlock> blocks) {
    for (RegionBlock block : blocks) {
      for (Insn insn : block.block().insns()) {
        count(insn);
      }
    }
  }

  /** Whether a register's low half is a {@code double} in its local. */
  boolean isDouble(int register) {
    return doubleVotes[register] > 0 && doubleVotes[register] >= singleVotes[register];
  }

  /**
   * Whether a register's lowest quarter is a {@code float} in its local, and the quarter above it
   * has another.
   */
  boolean isSingle(int register) {
    return singleVotes[register] > 0 && singleVotes[register] > doubleVotes[register];
  }

  private void count(Insn insn) {
    for (int n = 0; n < 2; n++) {
      if (insn.kind(n) == OperandKind.XMM) {
        count(insn, n);
      }
    }
  }

  private void count(Insn insn, int operand) {
    int register = insn.register(operand);
    switch (insn.operation) {
      case ADDSD, SUBSD, MULSD, DIVSD, MINSD, MAXSD, SQRTSD, COMISD, UCOMISD, ROUNDSD, MOVSD_XMM ->
          forDouble(register);
      case CVTSI2SD, CVTSD2SI, CVTTSD2SI -> forDouble(register);
      case ADDSS, SUBSS, MULSS, DIVSS, MINSS, MAXSS, SQRTSS, COMISS, UCOMISS, ROUNDSS, MOVSS ->
          forSingle(register);
      case CVTSI2SS, CVTSS2SI, CVTTSS2SI -> forSingle(register);
      case CVTSS2SD -> forOperand(register, operand == 0);
      case CVTSD2SS -> forOperand(register, operand == 1);
      // Copies and zeroing cost the same in all forms.
      case MOVAPS, MOVAPD, PXOR, XORPS, XORPD, UNPCKLPD -> {}
      default -> {
        doubleVotes[register]--;
        singleVotes[register]--;
      }
    }
  }

  private void forOperand(int register, boolean isDouble) {
    if (isDouble) {
      forDouble(register);
    } else {
      forSingle(register);
    }
  }

  private void forDouble(int register) {
    doubleVotes[register]++;
    singleVotes[register]--;
  }

  private void forSingle(int register) {
    singleVotes[register]++;
    doubleVotes[register]--;
  }
}
