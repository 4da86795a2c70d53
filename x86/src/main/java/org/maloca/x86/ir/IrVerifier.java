package org.maloca.x86.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks what the engines rely on in instructions and blocks. For tests and debugging. */
public final class IrVerifier {
  private IrVerifier() {}

  /**
   * Checks a block: instructions adjoin, and only the last one may end it.
   *
   * @throws IllegalStateException telling what is wrong with which instruction
   */
  public static void verifyBlock(List<Insn> block) {
    require(!block.isEmpty(), "block is empty", null);
    for (int i = 0; i < block.size(); i++) {
      Insn insn = block.get(i);
      verify(insn);
      require(i == 0 || insn.offset == block.get(i - 1).nextOffset(), "gap before", insn);
      require(i == block.size() - 1 || !insn.operation.endsBlock(), "block goes on after", insn);
    }
  }

  /**
   * Checks one instruction.
   *
   * @throws IllegalStateException telling what is wrong
   */
  public static void verify(Insn insn) {
    require(insn.length >= 1 && insn.length <= 15, "length", insn);
    require(insn.offset >= 0, "offset", insn);
    require(insn.condition >= 0 && insn.condition <= 15, "condition", insn);
    require(insn.scale >= 0 && insn.scale <= 3, "scale", insn);
    require(insn.repeat >= 0 && insn.repeat <= Insn.REPEAT_NOT_EQUAL, "repeat", insn);
    require(insn.x87Pops >= 0 && insn.x87Pops <= 2, "pops", insn);
    if (insn.operation == Operation.UD) {
      return;
    }
    verifySizes(insn);
    verifyOperands(insn);
    verifyMemory(insn);
  }

  private static void verifySizes(Insn insn) {
    boolean sized =
        switch (insn.operandSize) {
          case 0, 1, 2, 4, 8 -> true;
          case 16 -> insn.operation == Operation.CMPXCHG16B;
          default -> false;
        };
    require(sized, "operand size", insn);
    boolean extending =
        switch (insn.operation) {
          case MOVZX, MOVSX, MOVSXD, CRC32 -> true;
          default -> false;
        };
    require(extending == (insn.sourceSize != 0), "source size", insn);
    require(
        insn.addressSize == 2 || insn.addressSize == 4 || insn.addressSize == 8,
        "address size",
        insn);
  }

  private static void verifyOperands(Insn insn) {
    int memories = 0;
    boolean ended = false;
    for (int n = 0; n < 4; n++) {
      OperandKind kind = insn.kind(n);
      require(!ended || kind == OperandKind.NONE, "operand after the last", insn);
      ended = kind == OperandKind.NONE;
      require(insn.register(n) >= 0 && insn.register(n) < registers(kind), "register", insn);
      if (kind == OperandKind.MEMORY) {
        memories++;
      }
      if (kind == OperandKind.GPR) {
        require(insn.operandSize != 0, "general register without a size", insn);
      }
      if (kind == OperandKind.HIGH_BYTE) {
        int size = n == 1 && insn.sourceSize != 0 ? insn.sourceSize : insn.operandSize;
        require(size == 1 && !insn.rex, "high byte", insn);
      }
    }
    require(memories <= 1, "two memory operands", insn);
    require(!insn.lock || insn.kind0 == OperandKind.MEMORY, "LOCK without memory", insn);
    require(
        insn.x87Format == X87Format.NONE || insn.hasMemory(), "x87 format without memory", insn);
  }

  /** How many register numbers a kind has; those without registers have number 0. */
  private static int registers(OperandKind kind) {
    return switch (kind) {
      case NONE, MEMORY, IMMEDIATE, RELATIVE, FAR_POINTER -> 1;
      case GPR, XMM -> 16;
      case HIGH_BYTE -> 4;
      case SEGMENT -> 6;
      case CONTROL -> 9;
      case DEBUG, X87, MMX -> 8;
    };
  }

  private static void verifyMemory(Insn insn) {
    require(insn.base >= 0 && insn.base <= Insn.NO_REGISTER, "base", insn);
    require(insn.index >= 0 && insn.index <= Insn.NO_REGISTER && insn.index != 4, "index", insn);
    require(insn.segment >= Insn.NO_SEGMENT && insn.segment <= 5, "segment", insn);
    require(!insn.hasMemory() || insn.segment != Insn.NO_SEGMENT, "memory, no segment", insn);
    require(
        !insn.ripRelative
            || insn.base == Insn.NO_REGISTER
                && insn.index == Insn.NO_REGISTER
                && insn.addressSize != 2,
        "RIP-relative with registers",
        insn);
  }

  private static void require(boolean holds, String what, @Nullable Insn insn) {
    if (!holds) {
      throw new IllegalStateException(
          insn == null ? what : what + ": " + InsnPrinter.print(insn) + " @" + insn.offset);
    }
  }
}
