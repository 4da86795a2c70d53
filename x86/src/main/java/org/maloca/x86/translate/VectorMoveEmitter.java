package org.maloca.x86.translate;

import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for moves of XMM registers and parts of them. */
final class VectorMoveEmitter implements InsnEmitter {
  private static final long LOW_QUARTER = 0xffff_ffffL;

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;

  VectorMoveEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA -> true;
          case MOVUPS, MOVUPD, MOVDQU, LDDQU -> true;
          case MOVSS, MOVSD_XMM, MOVLPS, MOVLPD, MOVHPS, MOVHPD, MOVHLPS, MOVLHPS -> true;
          case MOVQ, MOVD, MOVMSKPS, MOVMSKPD, PMOVMSKB -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    switch (insn.operation) {
      case MOVUPS, MOVUPD, MOVDQU, LDDQU -> whole(insn, false);
      case MOVSS -> single(insn);
      case MOVSD_XMM -> scalarDouble(insn);
      case MOVLPS, MOVLPD -> half(insn, false);
      case MOVHPS, MOVHPD -> half(insn, true);
      case MOVHLPS -> {
        operands.push(VectorOperands.B_HIGH);
        operands.writeLow();
      }
      case MOVLHPS -> {
        operands.push(VectorOperands.B_LOW);
        operands.writeHigh();
      }
      case MOVQ -> quad(insn);
      case MOVD -> general(insn, at);
      case MOVMSKPS -> signs(insn, "ofDwords");
      case MOVMSKPD -> signs(insn, "ofQwords");
      case PMOVMSKB -> signs(insn, "ofBytes");
      default -> whole(insn, true);
    }
  }

  private void whole(Insn insn, boolean aligned) {
    if (insn.kind0 == OperandKind.MEMORY) {
      operands.store128(insn.register1, aligned);
      return;
    }
    operands.loadSource(aligned);
    copyLow(insn);
    operands.push(VectorOperands.B_HIGH);
    operands.writeHigh();
  }

  private void copyLow(Insn insn) {
    if (operands.sourceIsMemory()) {
      operands.push(VectorOperands.B_LOW);
      operands.writeLow();
    } else {
      emitter.xmm.copyLow(insn.register0, insn.register1);
    }
  }

  private void single(Insn insn) {
    if (insn.kind0 == OperandKind.MEMORY) {
      operands.storeHalf(insn.register1, false, 4);
    } else if (operands.sourceIsMemory()) {
      operands.pushMemory(4);
      emitter.xmm.toFloat();
      emitter.xmm.writeFloatAlone(insn.register0);
      code.lconst_0();
      operands.writeHigh();
    } else {
      emitter.xmm.readFloat(insn.register1);
      emitter.xmm.writeFloat(insn.register0);
    }
  }

  private void clearHighAndWriteLow() {
    operands.writeLow();
    code.lconst_0();
    operands.writeHigh();
  }

  private void scalarDouble(Insn insn) {
    if (insn.kind0 == OperandKind.MEMORY) {
      operands.storeHalf(insn.register1, false, 8);
    } else if (operands.sourceIsMemory()) {
      operands.pushMemory(8);
      clearHighAndWriteLow();
    } else {
      copyLow(insn);
    }
  }

  private void half(Insn insn, boolean high) {
    if (insn.kind0 == OperandKind.MEMORY) {
      operands.storeHalf(insn.register1, high, 8);
      return;
    }
    operands.pushMemory(8);
    if (high) {
      operands.writeHigh();
    } else {
      operands.writeLow();
    }
  }

  private void quad(Insn insn) {
    if (insn.kind0 == OperandKind.MEMORY) {
      operands.storeHalf(insn.register1, false, 8);
      return;
    }
    operands.loadLowSource(8);
    copyLow(insn);
    code.lconst_0();
    operands.writeHigh();
  }

  private void general(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.XMM) {
      emitter.read(insn, 1, size, at);
      if (size == 4) {
        code.loadConstant(LOW_QUARTER).land();
      }
      clearHighAndWriteLow();
    } else if (insn.kind0 == OperandKind.MEMORY) {
      operands.storeHalf(insn.register1, false, size);
    } else {
      operands.push(VectorOperands.B_LOW);
      emitter.writeGuest(insn.register0, size);
    }
  }

  private void signs(Insn insn, String name) {
    operands.push(VectorOperands.B_LOW);
    operands.push(VectorOperands.B_HIGH);
    operands.call(SimdNames.SIGN_MASK, name, "(JJ)J");
    emitter.writeGuest(insn.register0, 8);
  }
}
