package org.maloca.x86.translate;

import static org.maloca.x86.translate.VectorOperands.A_HIGH;
import static org.maloca.x86.translate.VectorOperands.A_LOW;
import static org.maloca.x86.translate.VectorOperands.B_HIGH;
import static org.maloca.x86.translate.VectorOperands.B_LOW;

import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for permutations of elements: shuffles, interleaving, packing, shifts by bytes. */
final class ShuffleEmitter implements InsnEmitter {
  private static final long LOW_DWORD = 0xffff_ffffL;

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;

  ShuffleEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case PSHUFD, SHUFPS, SHUFPD, PSHUFLW, PSHUFHW, PSHUFB, PALIGNR -> true;
          case UNPCKLPS, PUNPCKLDQ, UNPCKHPS, PUNPCKHDQ -> true;
          case UNPCKLPD, PUNPCKLQDQ, UNPCKHPD, PUNPCKHQDQ -> true;
          case PUNPCKLBW, PUNPCKLWD, PUNPCKHBW, PUNPCKHWD -> true;
          case MOVDDUP, MOVSHDUP, MOVSLDUP, PSLLDQ, PSRLDQ -> true;
          case PACKSSWB, PACKUSWB, PACKSSDW, PACKUSDW -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    int selectors = (int) insn.immediate & 0xff;
    if (insn.operation == org.maloca.x86.ir.Operation.MOVDDUP) {
      operands.loadLowSource(8);
    } else if (insn.kind1 != OperandKind.IMMEDIATE) {
      operands.loadSource(true);
    }
    switch (insn.operation) {
      case PSHUFD -> {
        dwords(B_LOW, B_HIGH, selectors);
        operands.keepLow();
        dwords(B_LOW, B_HIGH, selectors >>> 4);
        keepHighAndWrite();
      }
      case SHUFPS -> {
        dwords(A_LOW, A_HIGH, selectors);
        operands.keepLow();
        dwords(B_LOW, B_HIGH, selectors >>> 4);
        keepHighAndWrite();
      }
      case SHUFPD ->
          write((selectors & 1) == 0 ? A_LOW : A_HIGH, (selectors & 2) == 0 ? B_LOW : B_HIGH);
      case PSHUFLW -> {
        words(B_LOW, selectors);
        operands.keepLow();
        operands.push(B_HIGH);
        keepHighAndWrite();
      }
      case PSHUFHW -> {
        operands.push(B_LOW);
        operands.keepLow();
        words(B_HIGH, selectors);
        keepHighAndWrite();
      }
      case UNPCKLPS, PUNPCKLDQ -> interleaveDwords(A_LOW, B_LOW);
      case UNPCKHPS, PUNPCKHDQ -> interleaveDwords(A_HIGH, B_HIGH);
      case UNPCKLPD, PUNPCKLQDQ -> write(A_LOW, B_LOW);
      case UNPCKHPD, PUNPCKHQDQ -> write(A_HIGH, B_HIGH);
      case PUNPCKLBW -> interleave("bytes", A_LOW, B_LOW);
      case PUNPCKLWD -> interleave("words", A_LOW, B_LOW);
      case PUNPCKHBW -> interleave("bytes", A_HIGH, B_HIGH);
      case PUNPCKHWD -> interleave("words", A_HIGH, B_HIGH);
      case MOVDDUP -> write(B_LOW, B_LOW);
      case MOVSHDUP -> {
        dwords(B_LOW, B_LOW, 0b0101);
        operands.keepLow();
        dwords(B_HIGH, B_HIGH, 0b0101);
        keepHighAndWrite();
      }
      case MOVSLDUP -> {
        dwords(B_LOW, B_LOW, 0);
        operands.keepLow();
        dwords(B_HIGH, B_HIGH, 0);
        keepHighAndWrite();
      }
      case PACKSSWB -> pack("words");
      case PACKUSWB -> pack("wordsUnsigned");
      case PACKSSDW -> pack("dwords");
      case PACKUSDW -> pack("dwordsUnsigned");
      case PSHUFB -> {
        pick(B_LOW);
        operands.keepLow();
        pick(B_HIGH);
        keepHighAndWrite();
      }
      case PALIGNR -> align(selectors);
      case PSLLDQ -> shiftLeft(selectors);
      default -> shiftRight(selectors);
    }
  }

  private void keepHighAndWrite() {
    operands.keepHigh();
    operands.writeKept();
  }

  /** Makes the destination of two halves. */
  private void write(int low, int high) {
    operands.push(high);
    operands.push(low);
    operands.writeLow();
    operands.writeHigh();
  }

  /** Pushes the doublewords that the low two of four 2-bit selectors choose from two halves. */
  private void dwords(int low, int high, int selectors) {
    int first = (selectors & 2) == 0 ? low : high;
    int second = (selectors & 8) == 0 ? low : high;
    join(first, (selectors & 1) != 0, second, (selectors & 4) != 0);
  }

  /** Pushes a half made of doublewords of two halves, each its low or its high one. */
  private void join(int first, boolean firstHigh, int second, boolean secondHigh) {
    if (first == second && !firstHigh && secondHigh) {
      operands.push(first);
      return;
    }
    operands.push(first);
    if (firstHigh) {
      code.loadConstant(32).lushr();
    } else {
      code.loadConstant(LOW_DWORD).land();
    }
    operands.push(second);
    if (secondHigh) {
      code.loadConstant(~LOW_DWORD).land();
    } else {
      code.loadConstant(32).lshl();
    }
    code.lor();
  }

  private void interleaveDwords(int a, int b) {
    join(a, false, b, false);
    operands.keepLow();
    join(a, true, b, true);
    keepHighAndWrite();
  }

  private void words(int half, int selectors) {
    operands.push(half);
    code.loadConstant(selectors);
    operands.call(SimdNames.PERMUTATION, "words", "(JI)J");
  }

  /** Interleaves the elements of two halves. */
  private void interleave(String name, int a, int b) {
    operands.push(a);
    operands.push(b);
    operands.call(SimdNames.INTERLEAVE, name, "(JJ)J");
    operands.keepLow();
    operands.push(a);
    code.loadConstant(32).lushr();
    operands.push(b);
    code.loadConstant(32).lushr();
    operands.call(SimdNames.INTERLEAVE, name, "(JJ)J");
    keepHighAndWrite();
  }

  private void pack(String name) {
    operands.push(A_LOW);
    operands.push(A_HIGH);
    operands.call(SimdNames.SATURATION, name, "(JJ)J");
    operands.keepLow();
    operands.push(B_LOW);
    operands.push(B_HIGH);
    operands.call(SimdNames.SATURATION, name, "(JJ)J");
    keepHighAndWrite();
  }

  private void pick(int selectors) {
    operands.push(A_LOW);
    operands.push(A_HIGH);
    operands.push(selectors);
    operands.call(SimdNames.PERMUTATION, "pick", "(JJJ)J");
  }

  // Shifts by bytes.

  /** Eight bytes from byte {@code count} (0 to 7) of two joined halves on. */
  private void window(int first, int second, int count) {
    operands.push(first);
    if (count != 0) {
      code.loadConstant(8 * count).lushr();
      operands.push(second);
      code.loadConstant(64 - 8 * count).lshl().lor();
    }
  }

  /** As {@link #window}, with zeros behind the half. */
  private void end(int half, int count) {
    if (count >= 8) {
      code.lconst_0();
    } else {
      operands.push(half);
      code.loadConstant(8 * count).lushr();
    }
  }

  private void align(int count) {
    if (count < 8) {
      window(B_LOW, B_HIGH, count);
      operands.keepLow();
      window(B_HIGH, A_LOW, count);
    } else if (count < 16) {
      window(B_HIGH, A_LOW, count - 8);
      operands.keepLow();
      window(A_LOW, A_HIGH, count - 8);
    } else if (count < 24) {
      window(A_LOW, A_HIGH, count - 16);
      operands.keepLow();
      end(A_HIGH, count - 16);
    } else {
      end(A_HIGH, count - 24);
      operands.keepLow();
      code.lconst_0();
    }
    keepHighAndWrite();
  }

  private void shiftRight(int count) {
    if (count < 8) {
      window(A_LOW, A_HIGH, count);
      operands.keepLow();
      end(A_HIGH, count);
    } else {
      end(A_HIGH, count - 8);
      operands.keepLow();
      code.lconst_0();
    }
    keepHighAndWrite();
  }

  private void shiftLeft(int count) {
    if (count >= 16) {
      code.lconst_0();
      operands.keepLow();
      code.lconst_0();
    } else if (count >= 8) {
      code.lconst_0();
      operands.keepLow();
      operands.push(A_LOW);
      code.loadConstant(8 * (count - 8)).lshl();
    } else {
      operands.push(A_LOW);
      code.loadConstant(8 * count).lshl();
      operands.keepLow();
      if (count == 0) {
        operands.push(A_HIGH);
      } else {
        window(A_LOW, A_HIGH, 8 - count);
      }
    }
    keepHighAndWrite();
  }
}
