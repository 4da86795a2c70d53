package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.TwoCpuMachine;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.mmu.FetchStamps;

/** What blocks a vCPU keeps, and what they share. */
class KeptBlocksTest {
  private static final int CODE = 0x3000;
  private static final int MOST = 16;
  private static final int OFTEN = 5000;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final Cpu cpu = machine.first;
  private final CodeCache cache =
      new CodeCache(
          cpu, machine.watch, new BlockDecoder(cpu, new OpSelector(Handlers.table(), true)), MOST);

  @AfterEach
  void close() {
    machine.close();
  }

  private Block blockAt(int address) {
    cpu.rip = address;
    return cache.current();
  }

  private void place(int address, long bytes) {
    machine.memory.write(address, 8, bytes);
  }

  @Test
  void whereThereIsNoRoomSeldomExecutedBlocksGo() {
    Block[] blocks = new Block[MOST];
    for (int i = 0; i < MOST; i++) {
      // JMP to itself.
      place(CODE + 0x10 * i, 0xfeeb);
      blocks[i] = blockAt(CODE + 0x10 * i);
      blocks[i].executions = i % 4 == 0 ? OFTEN : 1;
    }
    assertEquals(MOST, cache.blockCount());

    place(CODE + 0x10 * MOST, 0xfeeb);
    Block one = blockAt(CODE + 0x10 * MOST);

    assertTrue(one.valid);
    assertEquals(MOST / 4 + 1, cache.blockCount());
    for (int i = 0; i < MOST; i++) {
      assertEquals(i % 4 == 0, blocks[i].valid);
    }
    assertSame(blocks[4], blockAt(CODE + 0x40));
    assertNotSame(blocks[5], blockAt(CODE + 0x50));
  }

  @Test
  void aLargerHeapKeepsMoreBlocksWithinBounds() {
    assertEquals(CodeCache.FEWEST_BLOCKS, CodeCache.mostBlocks(256L << 20));
    assertEquals(CodeCache.MOST_BLOCKS, CodeCache.mostBlocks(64L << 30));
    int between = CodeCache.mostBlocks(1500L << 20);
    assertTrue(between > CodeCache.FEWEST_BLOCKS && between < CodeCache.MOST_BLOCKS);
  }

  @Test
  void instructionsOfTheSameBytesAreOneOp() {
    // INC EAX; MOV EBX, EAX; JMP to itself, at an even and at an odd place behind a NOP.
    place(CODE, 0xfeebc38940L);
    place(CODE + 0x101, 0xfeebc3894090L);

    Block one = blockAt(CODE);
    Block other = blockAt(CODE + 0x101);

    assertSame(one.op(0), other.op(1));
    assertSame(one.op(1), other.op(2));
    assertSame(one.op(2), other.op(3));
    assertNotSame(one.op(0), one.op(1));
  }

  @Test
  void jumpsOfTheSameBytesGoFromWhereTheyAre() {
    // JMP +4 as the first instruction, and behind two others.
    place(CODE, 0x04eb);
    place(CODE + 0x100, 0x04eb4040L);
    Block one = blockAt(CODE);
    Block other = blockAt(CODE + 0x100);
    assertSame(one.op(0), other.op(2));

    cpu.beginBlock(CODE, one.length);
    one.op(0).execute(cpu);
    assertEquals(CODE + 6, cpu.rip);
    cpu.beginBlock(CODE + 0x100, other.length);
    other.op(2).execute(cpu);
    assertEquals(CODE + 0x108, cpu.rip);
  }

  @Test
  void noBlockIsFoundByWhatWasForgotten() {
    place(CODE, 0xfeeb);
    Block block = blockAt(CODE);
    assertNotEquals(FetchStamps.NO_TAG, block.tag);

    int flushes = 0;
    while (block.tag != FetchStamps.NO_TAG && flushes < 1 << 16) {
      cpu.mmu.flushAll();
      flushes++;
    }

    assertEquals(FetchStamps.NO_TAG, block.tag);
    assertTrue(block.valid);
    assertSame(block, blockAt(CODE));
    assertFalse(block.tag == FetchStamps.NO_TAG);
  }
}
