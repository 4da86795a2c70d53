package org.maloca.x86.ir;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class IrVerifierTest {
  private static Insn insn(Operation operation, Consumer<InsnBuilder> details) {
    InsnBuilder builder = new InsnBuilder();
    builder.clear();
    builder.operation = operation;
    builder.length = 2;
    builder.operandSize = 4;
    builder.addressSize = 8;
    details.accept(builder);
    return builder.build();
  }

  private static void rejects(Insn insn) {
    assertThrows(IllegalStateException.class, () -> IrVerifier.verify(insn));
  }

  @Test
  void acceptsAnInstructionWithRegisters() {
    assertDoesNotThrow(
        () -> IrVerifier.verify(insn(Operation.INC, b -> b.kinds[0] = OperandKind.GPR)));
  }

  @Test
  void rejectsAnOddOperandSize() {
    rejects(insn(Operation.INC, b -> b.operandSize = 3));
  }

  @Test
  void rejectsMemoryWithoutASegment() {
    rejects(insn(Operation.INC, b -> b.kinds[0] = OperandKind.MEMORY));
  }

  @Test
  void rejectsLockWithoutMemory() {
    rejects(insn(Operation.INC, b -> b.lock = true));
  }

  @Test
  void rejectsAHighByteWithRex() {
    rejects(
        insn(
            Operation.INC,
            b -> {
              b.operandSize = 1;
              b.kinds[0] = OperandKind.HIGH_BYTE;
              b.rex = true;
            }));
  }

  @Test
  void rejectsAMoveWithExtensionButNoSourceSize() {
    rejects(insn(Operation.MOVZX, b -> {}));
  }

  @Test
  void rejectsABlockThatGoesOnAfterItsEnd() {
    Insn ret = insn(Operation.RET, b -> {});
    Insn next = insn(Operation.NOP, b -> b.offset = 2);
    assertThrows(IllegalStateException.class, () -> IrVerifier.verifyBlock(List.of(ret, next)));
  }

  @Test
  void rejectsABlockWithAGap() {
    Insn first = insn(Operation.NOP, b -> {});
    Insn next = insn(Operation.NOP, b -> b.offset = 3);
    assertThrows(IllegalStateException.class, () -> IrVerifier.verifyBlock(List.of(first, next)));
  }
}
