package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import java.util.EnumMap;
import java.util.Map;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.simd.Swar;

/** Bytecode for logic and packed integer arithmetic whose 64-bit halves are independent. */
final class LanewiseEmitter implements InsnEmitter {
  /**
   * A function of a half of the destination and one of the source.
   *
   * @param lanes sign bits of the lanes, a further argument; 0 for none
   */
  private record Function(ClassDesc owner, String name, long lanes) {}

  private static final Map<Operation, Function> FUNCTIONS = new EnumMap<>(Operation.class);

  static {
    swar(Operation.PADDB, "add", Swar.BYTES);
    swar(Operation.PADDW, "add", Swar.WORDS);
    swar(Operation.PADDD, "add", Swar.DWORDS);
    swar(Operation.PSUBB, "sub", Swar.BYTES);
    swar(Operation.PSUBW, "sub", Swar.WORDS);
    swar(Operation.PSUBD, "sub", Swar.DWORDS);
    swar(Operation.PADDSB, "addSaturating", Swar.BYTES);
    swar(Operation.PADDSW, "addSaturating", Swar.WORDS);
    swar(Operation.PADDUSB, "addUnsignedSaturating", Swar.BYTES);
    swar(Operation.PADDUSW, "addUnsignedSaturating", Swar.WORDS);
    swar(Operation.PSUBSB, "subSaturating", Swar.BYTES);
    swar(Operation.PSUBSW, "subSaturating", Swar.WORDS);
    swar(Operation.PSUBUSB, "subUnsignedSaturating", Swar.BYTES);
    swar(Operation.PSUBUSW, "subUnsignedSaturating", Swar.WORDS);
    swar(Operation.PAVGB, "average", Swar.BYTES);
    swar(Operation.PAVGW, "average", Swar.WORDS);
    swar(Operation.PCMPEQB, "equal", Swar.BYTES);
    swar(Operation.PCMPEQW, "equal", Swar.WORDS);
    swar(Operation.PCMPEQD, "equal", Swar.DWORDS);
    swar(Operation.PCMPEQQ, "equalQwords", 0);
    swar(Operation.PCMPGTB, "greater", Swar.BYTES);
    swar(Operation.PCMPGTW, "greater", Swar.WORDS);
    swar(Operation.PCMPGTD, "greater", Swar.DWORDS);
    swar(Operation.PCMPGTQ, "greaterQwords", 0);
    swar(Operation.PMINUB, "minUnsigned", Swar.BYTES);
    swar(Operation.PMINUW, "minUnsigned", Swar.WORDS);
    swar(Operation.PMINUD, "minUnsigned", Swar.DWORDS);
    swar(Operation.PMINSB, "min", Swar.BYTES);
    swar(Operation.PMINSW, "min", Swar.WORDS);
    swar(Operation.PMINSD, "min", Swar.DWORDS);
    swar(Operation.PMAXUB, "maxUnsigned", Swar.BYTES);
    swar(Operation.PMAXUW, "maxUnsigned", Swar.WORDS);
    swar(Operation.PMAXUD, "maxUnsigned", Swar.DWORDS);
    swar(Operation.PMAXSB, "max", Swar.BYTES);
    swar(Operation.PMAXSW, "max", Swar.WORDS);
    swar(Operation.PMAXSD, "max", Swar.DWORDS);
    swar(Operation.PSIGNB, "applySign", Swar.BYTES);
    swar(Operation.PSIGNW, "applySign", Swar.WORDS);
    swar(Operation.PSIGND, "applySign", Swar.DWORDS);
    swar(Operation.PSADBW, "sumOfDifferences", 0);
    multiply(Operation.PMULLW, "low");
    multiply(Operation.PMULHW, "high");
    multiply(Operation.PMULHUW, "highUnsigned");
    multiply(Operation.PMULHRSW, "fractions");
    multiply(Operation.PMADDWD, "addWordProducts");
    multiply(Operation.PMADDUBSW, "addByteProducts");
    multiply(Operation.PMULUDQ, "evenUnsignedDwords");
    multiply(Operation.PMULDQ, "evenDwords");
    multiply(Operation.PMULLD, "lowDwords");
  }

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;

  LanewiseEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
  }

  private static void swar(Operation operation, String name, long lanes) {
    FUNCTIONS.put(operation, new Function(SimdNames.SWAR, name, lanes));
  }

  private static void multiply(Operation operation, String name) {
    FUNCTIONS.put(operation, new Function(SimdNames.LANE_MULTIPLY, name, 0));
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && (FUNCTIONS.containsKey(insn.operation)
            || switch (insn.operation) {
              case PAND, ANDPS, ANDPD, PANDN, ANDNPS, ANDNPD -> true;
              case POR, ORPS, ORPD, PXOR, XORPS, XORPD -> true;
              case PADDQ, PSUBQ, PABSB, PABSW, PABSD -> true;
              case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD -> true;
              default -> false;
            });
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    switch (insn.operation) {
      case PXOR, XORPS, XORPD, PANDN, ANDNPS, ANDNPD, PSUBB, PSUBW, PSUBD, PSUBQ -> {
        if (operands.isOneRegister()) {
          operands.writeZero();
          return;
        }
      }
      case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD -> {
        shift(insn);
        return;
      }
      default -> {}
    }
    operands.loadSource(true);
    operands.push(VectorOperands.A_LOW);
    operands.push(VectorOperands.B_LOW);
    apply(insn);
    operands.writeLow();
    operands.push(VectorOperands.A_HIGH);
    operands.push(VectorOperands.B_HIGH);
    apply(insn);
    operands.writeHigh();
  }

  /** Replaces two halves on the stack by the result's. */
  private void apply(Insn insn) {
    switch (insn.operation) {
      case PAND, ANDPS, ANDPD -> code.land();
      // B & ~A is B ^ A & B, which needs A only once and at the bottom of the stack.
      case PANDN, ANDNPS, ANDNPD -> code.dup2_x2().land().lxor();
      case POR, ORPS, ORPD -> code.lor();
      case PXOR, XORPS, XORPD -> code.lxor();
      case PADDQ -> code.ladd();
      case PSUBQ -> code.lsub();
      case PABSB -> absolute(Swar.BYTES);
      case PABSW -> absolute(Swar.WORDS);
      case PABSD -> absolute(Swar.DWORDS);
      default -> {
        Function function = java.util.Objects.requireNonNull(FUNCTIONS.get(insn.operation));
        if (function.lanes != 0) {
          code.loadConstant(function.lanes);
          operands.call(function.owner, function.name, "(JJJ)J");
        } else {
          operands.call(function.owner, function.name, "(JJ)J");
        }
      }
    }
  }

  private void absolute(long lanes) {
    code.dup2_x2().pop2().pop2().loadConstant(lanes);
    operands.call(SimdNames.SWAR, "absolute", "(JJ)J");
  }

  // Shifts.

  private void shift(Insn insn) {
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      code.loadConstant((int) insn.immediate & 0xff).istore(Locals.FAULT);
    } else {
      operands.loadSource(true);
      operands.push(VectorOperands.B_LOW);
      operands.call(SimdNames.SWAR, "shiftCount", "(J)I");
      code.istore(Locals.FAULT);
    }
    shiftHalf(insn, VectorOperands.A_LOW);
    operands.writeLow();
    shiftHalf(insn, VectorOperands.A_HIGH);
    operands.writeHigh();
  }

  private void shiftHalf(Insn insn, int half) {
    operands.push(half);
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      code.loadConstant((int) insn.immediate & 0xff);
    } else {
      code.iload(Locals.FAULT);
    }
    switch (insn.operation) {
      case PSLLW -> shiftLanes("shiftLeft", Swar.WORDS);
      case PSLLD -> shiftLanes("shiftLeft", Swar.DWORDS);
      case PSRLW -> shiftLanes("shiftRight", Swar.WORDS);
      case PSRLD -> shiftLanes("shiftRight", Swar.DWORDS);
      case PSRAW -> shiftLanes("shiftRightArithmetic", Swar.WORDS);
      case PSRAD -> shiftLanes("shiftRightArithmetic", Swar.DWORDS);
      case PSLLQ -> operands.call(SimdNames.SWAR, "shiftQwordLeft", "(JI)J");
      default -> operands.call(SimdNames.SWAR, "shiftQwordRight", "(JI)J");
    }
  }

  private void shiftLanes(String name, long lanes) {
    code.loadConstant(lanes);
    operands.call(SimdNames.SWAR, name, "(JIJ)J");
  }
}
