package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * What an instruction reads and writes beside memory: general registers, XMM registers and
 * arithmetic flags. Sets may be larger than the truth, never smaller; what writes flags is the
 * exception: it is what the instruction surely overwrites.
 */
final class Effects {
  private static final long RAX = 1;
  private static final long RCX = 1 << 1;
  private static final long RDX = 1 << 2;
  private static final long RBX = 1 << 3;
  private static final long RSP = 1 << 4;
  private static final long RBP = 1 << 5;
  private static final long RDI = 1 << 7;

  private Effects() {}

  /**
   * Whether a handler of the operation touches no other guest register than {@link #reads} and
   * {@link #writes} tell, and changes none of them before its last fault.
   */
  static boolean isConfined(Operation operation) {
    return operation.compareTo(Operation.FLD) >= 0
        || switch (operation) {
          case ADD, OR, AND, SUB, XOR, CMP, TEST, NEG, MUL, IMUL_WIDE, IMUL, ADC, SBB, INC, DEC ->
              true;
          case NOT, DIV, IDIV, ADCX, ADOX, MOV, MOVZX, MOVSX, MOVSXD, XCHG, XADD, CMPXCHG -> true;
          case CMPXCHG8B, CMPXCHG16B, BSWAP, MOVBE, MOVNTI, LEA, CBW, CWD, XLAT, LAHF, SAHF -> true;
          case SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD, BT, BTS, BTR, BTC, BSF, BSR -> true;
          case TZCNT, LZCNT, POPCNT, CRC32, ANDN, BEXTR, BLSI, BLSR, BLSMSK, BZHI, MULX -> true;
          case PDEP, PEXT, RORX, SARX, SHLX, SHRX, SETCC, CMOVCC, PUSH, POP, PUSHF -> true;
          case ENTER, LEAVE, CLC, STC, CMC, CLD, STD, NOP, PREFETCH, PAUSE -> true;
          case LFENCE, MFENCE, SFENCE -> true;
          case RDTSC, RDTSCP, RDPID, RDFSBASE, RDGSBASE, RDRAND, RDSEED, LDMXCSR, STMXCSR -> true;
          default -> false;
        };
  }

  /**
   * Whether an operation is of the x87 unit, so that it may find it taken or an exception pending.
   */
  static boolean isX87(Operation operation) {
    return operation.compareTo(Operation.FLD) >= 0 && operation.compareTo(Operation.FNSAVE) <= 0;
  }

  /** The registers that an instruction may read; a partial write reads, too. */
  static long reads(Insn insn) {
    long set = addressRegisters(insn);
    for (int n = 0; n < 4; n++) {
      set |= operand(insn, n);
    }
    return set
        | switch (insn.operation) {
          case MUL, IMUL_WIDE, CBW, CWD, CMPXCHG, LAHF, SAHF -> RAX;
          case DIV, IDIV, PCMPESTRI, PCMPESTRM -> RAX | RDX;
          case CMPXCHG8B, CMPXCHG16B -> RAX | RBX | RCX | RDX;
          case XLAT -> RAX | RBX;
          case MULX -> RDX;
          case PUSH, POP, PUSHF, CALL, CALL_INDIRECT, RET -> RSP;
          case ENTER, LEAVE -> RSP | RBP;
          case MASKMOVDQU, MASKMOVQ -> RDI;
          case BLENDVPS, BLENDVPD, PBLENDVB, SHA256RNDS2 -> GuestRegisters.xmm(0);
          default -> GuestRegisters.NONE;
        };
  }

  /** The registers that an instruction may change. */
  static long writes(Insn insn) {
    long set = writesNoOperand(insn.operation) ? GuestRegisters.NONE : operand(insn, 0);
    return set
        | switch (insn.operation) {
          case XCHG, XADD -> operand(insn, 1);
          case MULX -> operand(insn, 1);
          case MUL, IMUL_WIDE, DIV, IDIV, CMPXCHG8B, CMPXCHG16B, RDTSC -> RAX | RDX;
          case RDTSCP -> RAX | RCX | RDX;
          case CBW, CMPXCHG, LAHF, XLAT -> RAX;
          case CWD -> RDX;
          case PUSH, POP, PUSHF, CALL, CALL_INDIRECT, RET -> RSP;
          case ENTER, LEAVE -> RSP | RBP;
          case FNSTSW -> RAX;
          case PCMPESTRI, PCMPISTRI -> RCX;
          case PCMPESTRM, PCMPISTRM -> GuestRegisters.xmm(0);
          default -> GuestRegisters.NONE;
        };
  }

  private static boolean writesNoOperand(Operation operation) {
    return switch (operation) {
      case CMP, TEST, BT, PUSH, MUL, IMUL_WIDE, DIV, IDIV, NOP, PREFETCH -> true;
      case JMP_INDIRECT, CALL_INDIRECT, COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> true;
      case PCMPESTRI, PCMPISTRI, PCMPESTRM, PCMPISTRM, MASKMOVDQU -> true;
      default -> false;
    };
  }

  private static long addressRegisters(Insn insn) {
    long set = GuestRegisters.NONE;
    if (insn.base != Insn.NO_REGISTER) {
      set |= GuestRegisters.general(insn.base);
    }
    if (insn.index != Insn.NO_REGISTER) {
      set |= GuestRegisters.general(insn.index);
    }
    return set;
  }

  private static long operand(Insn insn, int n) {
    OperandKind kind = insn.kind(n);
    return switch (kind) {
      case GPR, HIGH_BYTE -> GuestRegisters.general(insn.register(n));
      case XMM ->
          touchesLowOnly(insn)
              ? GuestRegisters.xmmLow(insn.register(n))
              : GuestRegisters.xmm(insn.register(n));
      default -> GuestRegisters.NONE;
    };
  }

  /** Whether an instruction leaves the high halves of its XMM operands alone. */
  static boolean touchesLowOnly(Insn insn) {
    return switch (insn.operation) {
      case ADDSS,
          ADDSD,
          SUBSS,
          SUBSD,
          MULSS,
          MULSD,
          DIVSS,
          DIVSD,
          MINSS,
          MINSD,
          MAXSS,
          MAXSD,
          SQRTSS,
          SQRTSD,
          COMISS,
          COMISD,
          UCOMISS,
          UCOMISD,
          CVTSI2SS,
          CVTSI2SD,
          CVTSS2SI,
          CVTSD2SI,
          CVTTSS2SI,
          CVTTSD2SI,
          CVTSS2SD,
          CVTSD2SS,
          CMPSS,
          CMPSD_XMM,
          ROUNDSS,
          ROUNDSD,
          RCPSS,
          RSQRTSS ->
          true;
      // From memory they clear what lies above.
      case MOVSS, MOVSD_XMM -> insn.kind1 == OperandKind.XMM || insn.kind0 == OperandKind.MEMORY;
      default -> false;
    };
  }

  /**
   * Whether an SSE operation on registers may raise a floating-point exception, or be left to the
   * interpreter because of one.
   */
  static boolean mayRaiseFloatException(Operation operation) {
    return switch (operation) {
      case ADDSS, ADDSD, SUBSS, SUBSD, MULSS, MULSD, DIVSS, DIVSD, MINSS, MINSD, MAXSS, MAXSD ->
          true;
      case SQRTSS, SQRTSD, COMISS, COMISD, UCOMISS, UCOMISD, CMPSS, CMPSD_XMM -> true;
      case CVTSI2SS, CVTSI2SD, CVTSS2SI, CVTSD2SI, CVTTSS2SI, CVTTSD2SI -> true;
      case CVTSS2SD, CVTSD2SS, ROUNDSS, ROUNDSD -> true;
      case ADDPS, ADDPD, SUBPS, SUBPD, MULPS, MULPD, DIVPS, DIVPD, MINPS, MINPD, MAXPS, MAXPD ->
          true;
      case SQRTPS, SQRTPD, CMPPS, CMPPD, CVTDQ2PS, CVTPS2DQ, CVTTPS2DQ -> true;
      case CVTPS2PD, CVTPD2PS, CVTPD2DQ, CVTTPD2DQ -> true;
      default -> false;
    };
  }

  /** The flags that an instruction's outcome depends on. */
  static int flagsRead(Insn insn) {
    return switch (insn.operation) {
      case JCC, SETCC, CMOVCC -> conditionFlags(insn.condition);
      case ADC, SBB, RCL, RCR, ADCX, CMC -> Flags.CF;
      case ADOX -> Flags.OF;
      case FCMOVB, FCMOVNB -> Flags.CF;
      case FCMOVE, FCMOVNE -> Flags.ZF;
      case FCMOVBE, FCMOVNBE -> Flags.CF | Flags.ZF;
      case FCMOVU, FCMOVNU -> Flags.PF;
      case LOOPE, LOOPNE -> Flags.ZF;
      default ->
          isConfined(insn.operation)
                      && insn.operation != Operation.PUSHF
                      && insn.operation != Operation.LAHF
                  || insn.operation == Operation.JMP
                  || insn.operation == Operation.CALL
                  || insn.operation == Operation.RET
                  || insn.operation == Operation.JMP_INDIRECT
                  || insn.operation == Operation.CALL_INDIRECT
              ? 0
              : Flags.ARITHMETIC;
    };
  }

  /** The flags that condition code {@code condition} looks at. */
  static int conditionFlags(int condition) {
    return switch (condition >>> 1) {
      case 0 -> Flags.OF;
      case 1 -> Flags.CF;
      case 2 -> Flags.ZF;
      case 3 -> Flags.CF | Flags.ZF;
      case 4 -> Flags.SF;
      case 5 -> Flags.PF;
      case 6 -> Flags.SF | Flags.OF;
      default -> Flags.SF | Flags.OF | Flags.ZF;
    };
  }

  /** The flags that an instruction sets in every case, whatever they were. */
  static int flagsOverwritten(Insn insn) {
    return switch (insn.operation) {
      // The others are undefined, and keep their values.
      case MUL, IMUL_WIDE, IMUL -> Flags.CF | Flags.OF;
      case INC, DEC -> Flags.ARITHMETIC & ~Flags.CF;
      case BSF, BSR, XADD, CMPXCHG, FCOMI, FUCOMI -> Flags.ARITHMETIC;
      case TZCNT, LZCNT, SAHF -> Flags.ARITHMETIC & ~Flags.OF;
      case DIV, IDIV -> Flags.ARITHMETIC & ~(Flags.CF | Flags.OF);
      case ADCX -> Flags.CF;
      case ADOX -> Flags.OF;
      case SHL, SHR, SAR -> immediateCount(insn) == 0 ? 0 : Flags.ARITHMETIC;
      case ROL, ROR, RCL, RCR -> immediateCount(insn) == 0 ? 0 : Flags.CF | Flags.OF;
      case COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> Flags.ARITHMETIC;
      case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM -> Flags.ARITHMETIC;
      case POPCNT, ANDN, BZHI, BLSI, BLSR, BLSMSK, BEXTR -> Flags.ARITHMETIC;
      case BT, BTS, BTR, BTC, CLC, STC, CMC -> Flags.CF;
      default -> insn.operation.setsAllFlags() ? Flags.ARITHMETIC : 0;
    };
  }

  /** Whether the outcome of instructions that follow each other depends on flags from before. */
  static boolean lookAtFlagsBefore(Insn[] insns) {
    for (Insn insn : insns) {
      boolean overwrites = flagsOverwritten(insn) == Flags.ARITHMETIC;
      if (flagsRead(insn) != 0 || !overwrites && touchesFlags(insn)) {
        return true;
      }
      if (overwrites) {
        return false;
      }
    }
    return false;
  }

  /** Whether an instruction may change any flag. */
  static boolean touchesFlags(Insn insn) {
    Operation operation = insn.operation;
    if (operation.compareTo(Operation.FLD) >= 0) {
      return switch (operation) {
        case COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> true;
        case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM -> true;
        case FCOMI, FUCOMI -> true;
        default -> false;
      };
    }
    return switch (operation) {
      case NOT, MOV, MOVZX, MOVSX, MOVSXD, XCHG, BSWAP, MOVBE, MOVNTI, LEA, CBW, CWD, XLAT -> false;
      case LAHF, CRC32, MULX, PDEP, PEXT, RORX, SARX, SHLX, SHRX, SETCC, CMOVCC -> false;
      case PUSH, POP, PUSHF, ENTER, LEAVE, CLD, STD, NOP, PREFETCH, PAUSE -> false;
      case LFENCE, MFENCE, SFENCE -> false;
      case RDTSC, RDTSCP, RDPID, RDFSBASE, RDGSBASE, LDMXCSR, STMXCSR -> false;
      default -> true;
    };
  }

  /** The count of a shift or rotate by an immediate; 0 when it is not known to be another. */
  private static int immediateCount(Insn insn) {
    return insn.kind1 == OperandKind.IMMEDIATE
        ? (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31)
        : 0;
  }
}
