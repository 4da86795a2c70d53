package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.interpret.Op;

class CodePageTest {
  private static final int MODE = 0x4e;
  private static final int NUMBER = 7;
  private static final CpuFeatures FEATURES = new CpuFeatures(1);
  private static final long SEED = 73;

  private final CodePage page = new CodePage(NUMBER, NUMBER << 12);

  private static Block block(int offset, int length) {
    return block(offset, length, MODE);
  }

  private static Block block(int offset, int length, int mode) {
    long second = offset + length > 0x1000 ? NUMBER + 1 : -1;
    return new Block(
        new byte[length], FEATURES, 1, new Op[1], 1, false, mode, offset, NUMBER, second);
  }

  @Test
  void blocksAreFoundByOffsetAndMode() {
    Block one = block(0x40, 5);
    Block other = block(0x41, 5);
    Block otherMode = block(0x40, 5, MODE + 1);
    page.add(one);
    page.add(other);
    page.add(otherMode);

    assertSame(one, page.find(0x40, MODE));
    assertSame(other, page.find(0x41, MODE));
    assertSame(otherMode, page.find(0x40, MODE + 1));
    assertNull(page.find(0x42, MODE));
  }

  @Test
  void aWriteEndsTheBlocksThatItTouchesAndNoOthers() {
    Block before = block(0x30, 0x10);
    Block hit = block(0x3f, 0x42);
    Block after = block(0x81, 0x10);
    page.add(before);
    page.add(hit);
    page.add(after);

    page.invalidate(0x80, 0x81);

    assertTrue(before.valid);
    assertFalse(hit.valid);
    assertTrue(after.valid);
    assertNull(page.find(0x3f, MODE));
    assertEquals(2, page.blockCount());
    assertFalse(page.covers(0x40, 0x81));
    assertTrue(page.covers(0x3f, 0x40));
  }

  @Test
  void aBlockFromThePageBeforeEndsByAWriteToItsEnd() {
    CodePage following = new CodePage(NUMBER + 1, NUMBER + 1 << 12);
    Block crossing = block(0xffc, 10);
    page.add(crossing);
    following.addIncoming(crossing);

    assertTrue(following.covers(5, 6));
    assertFalse(following.covers(6, 0x1000));
    following.invalidate(5, 6);

    assertFalse(crossing.valid);
    assertNull(page.find(0xffc, MODE));
    assertTrue(following.isEmpty());
  }

  @Test
  void whatOtherBlocksCoverStaysCovered() {
    page.add(block(0x10, 0x40));
    Block shorter = block(0x20, 0x10);
    page.add(shorter);
    page.invalidate(0x10, 0x11);

    assertFalse(page.covers(0x10, 0x20));
    assertTrue(page.covers(0x20, 0x21));
    assertTrue(page.covers(0x2f, 0x30));
    assertFalse(page.covers(0x30, 0x50));
    assertTrue(shorter.valid);
  }

  @Test
  void whatIsHotStaysWhenColdBlocksAreDropped() {
    CodePage following = new CodePage(NUMBER + 1, NUMBER + 1 << 12);
    Block crossing = block(0xffc, 10);
    Block hot = block(0x10, 0x10);
    Block cold = block(0x18, 0x20);
    for (Block block : List.of(crossing, hot, cold)) {
      block.executions = block == cold ? 3 : 100;
      page.add(block);
    }
    following.addIncoming(crossing);

    following.dropColderThan(10);
    page.dropColderThan(10);

    assertTrue(crossing.valid);
    assertTrue(hot.valid);
    assertFalse(cold.valid);
    assertEquals(2, page.blockCount());
    assertTrue(page.covers(0x1f, 0x20));
    assertFalse(page.covers(0x20, 0x38));
    assertTrue(following.covers(5, 6));
  }

  @Test
  void aPageWithoutColdBlocksStaysAsItIs() {
    Block hot = block(0x10, 0x10);
    hot.executions = 100;
    page.add(hot);

    page.dropColderThan(10);

    assertSame(hot, page.find(0x10, MODE));
    assertTrue(page.covers(0x10, 0x20));
  }

  /** Against a list that is looked through. */
  @Test
  void randomBlocksAndWritesAgreeWithAPlainList() {
    Random random = new Random(SEED);
    List<Block> known = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(3) > 0) {
        int offset = random.nextInt(0x1000);
        Block block = block(offset, 1 + random.nextInt(Math.min(300, 0x1000 - offset)));
        page.add(block);
        known.add(block);
      } else {
        int from = random.nextInt(0x1000);
        int to = Math.min(0x1000, from + 1 + random.nextInt(random.nextInt(20) == 0 ? 0x1000 : 8));
        boolean expected = known.stream().anyMatch(block -> block.overlaps(NUMBER, from, to));
        assertEquals(expected, page.covers(from, to));
        List<Block> gone =
            known.stream().filter(block -> block.overlaps(NUMBER, from, to)).toList();
        page.invalidate(from, to);
        known.removeAll(gone);
        assertTrue(gone.stream().noneMatch(block -> block.valid));
        assertTrue(known.stream().allMatch(block -> block.valid));
      }
      assertEquals(known.size(), page.blockCount());
    }
  }
}
