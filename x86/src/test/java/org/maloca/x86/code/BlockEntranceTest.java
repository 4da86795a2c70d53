package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.interpret.Op;

class BlockEntranceTest {
  private static final int MORE = 3;

  private static final class SomeOp extends Op {
    @Override
    public void execute(Cpu cpu) {}
  }

  private final List<Op> made = new ArrayList<>();

  /** A block of so many ops, in an array that has more. */
  private Block block(int ops, int insns) {
    for (int i = 0; i < ops + MORE; i++) {
      made.add(new SomeOp());
    }
    return new Block(
        new byte[insns],
        new CpuFeatures(1),
        insns,
        made.toArray(Op[]::new),
        ops,
        false,
        0,
        0,
        0,
        -1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 49})
  void opsAreFoundByNumber(int ops) {
    Block block = block(ops, ops);

    for (int i = 0; i < ops; i++) {
      assertTrue(block.hasOp(i));
      assertSame(made.get(i), block.op(i));
    }
    assertFalse(block.hasOp(ops));
    assertThrows(IndexOutOfBoundsException.class, () -> block.op(ops));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 48})
  void aBlockThatEndsIsLeftAtEachInstructionButGoesOnBehindTheLast(int insns) {
    Block block = block(insns + 1, insns);

    block.invalidate();

    for (int i = 0; i < insns; i++) {
      assertSame(Op.LEAVE_BLOCK, block.op(i));
    }
    assertSame(made.get(insns), block.op(insns));
    assertEquals(insns, block.count);
  }
}
