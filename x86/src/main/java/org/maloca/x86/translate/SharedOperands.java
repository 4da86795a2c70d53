package org.maloca.x86.translate;

import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Which memory operands may share a look at the TLB, and what is accessed there. */
final class SharedOperands {
  private SharedOperands() {}

  /**
   * Bytes of the access to a memory operand, which is made whenever the instruction is executed; 0
   * where it is to be on its own.
   */
  static int bytes(Insn insn) {
    if (!insn.hasMemory() || insn.lock) {
      return 0;
    }
    return switch (insn.operation) {
      case MOV, ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, IMUL, CMOVCC ->
          insn.operandSize;
      case PUSH, CALL_INDIRECT, JMP_INDIRECT, MOVD, CVTSI2SS, CVTSI2SD -> insn.operandSize;
      case MOVZX, MOVSX, MOVSXD -> insn.sourceSize;
      case SETCC -> 1;
      default -> vectorBytes(insn);
    };
  }

  private static int vectorBytes(Insn insn) {
    return switch (insn.operation) {
      case MOVSS, ADDSS, SUBSS, MULSS, DIVSS, MINSS, MAXSS, SQRTSS, COMISS, UCOMISS, CVTSS2SD -> 4;
      case MOVSD_XMM, ADDSD, SUBSD, MULSD, DIVSD, MINSD, MAXSD, SQRTSD, COMISD, UCOMISD, CVTSD2SS ->
          8;
      case CVTTSS2SI, CVTSS2SI -> 4;
      case CVTTSD2SI, CVTSD2SI, MOVQ, MOVLPS, MOVLPD, MOVHPS, MOVHPD, CVTDQ2PD, CVTPS2PD -> 8;
      case MOVAPS, MOVAPD, MOVDQA, MOVUPS, MOVUPD, MOVDQU, LDDQU, MOVNTPS, MOVNTPD, MOVNTDQ -> 16;
      case ADDPS, ADDPD, SUBPS, SUBPD, MULPS, MULPD, DIVPS, DIVPD, MINPS, MINPD, MAXPS, MAXPD -> 16;
      case ANDPS, ANDPD, ANDNPS, ANDNPD, ORPS, ORPD, XORPS, XORPD, PAND, PANDN, POR, PXOR -> 16;
      case PADDB, PADDW, PADDD, PADDQ, PSUBB, PSUBW, PSUBD, PSUBQ, PMULLW, PMULLD, PMADDWD -> 16;
      case PCMPEQB, PCMPEQW, PCMPEQD, PCMPGTB, PCMPGTW, PCMPGTD, PMINUB, PMAXUB -> 16;
      default -> 0;
    };
  }

  /** Whether it is stored to. */
  static boolean stores(Insn insn) {
    return insn.kind0 == OperandKind.MEMORY
        && switch (insn.operation) {
          case CMP, TEST, PUSH, CALL_INDIRECT, JMP_INDIRECT -> false;
          default -> true;
        };
  }
}
