package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FetchStampsTest {
  private static final long USER = 0x5555_5540_1234L;
  private static final long KERNEL = 0xffff_ffff_8100_0040L;

  private int exhaustions;
  private final FetchStamps stamps = new FetchStamps(() -> exhaustions++);

  @Test
  void addressesOfOneTimeHaveTagsOfTheirOwn() {
    assertNotEquals(stamps.tag(USER), stamps.tag(USER + 1));
    assertNotEquals(stamps.tag(USER), stamps.tag(KERNEL));
    assertNotEquals(FetchStamps.NO_TAG, stamps.tag(-1));
  }

  @Test
  void aSpaceThatIsKeptHasItsTagsAgain() {
    long tag = stamps.tag(USER);
    long generation = stamps.generation(USER);
    stamps.enter(1, false);
    assertNotEquals(tag, stamps.tag(USER));
    assertNotEquals(generation, stamps.generation(USER));

    stamps.enter(0, true);

    assertEquals(tag, stamps.tag(USER));
    assertEquals(generation, stamps.generation(USER));
  }

  @Test
  void aSpaceThatIsFlushedHasNewTags() {
    long tag = stamps.tag(USER);

    stamps.enter(0, false);

    assertNotEquals(tag, stamps.tag(USER));
  }

  @Test
  void globalCodeOfTheKernelKeepsItsTags() {
    stamps.translated(KERNEL, true, 21);
    long tag = stamps.tag(KERNEL);

    stamps.enter(1, false);

    assertEquals(tag, stamps.tag(KERNEL));
  }

  @Test
  void codeOfTheKernelThatIsNotGlobalDoesNot() {
    stamps.translated(KERNEL, false, 12);
    long tag = stamps.tag(KERNEL);

    stamps.enter(1, true);

    assertNotEquals(tag, stamps.tag(KERNEL));
  }

  @Test
  void aPageWithoutCodeChangesNothing() {
    stamps.translated(USER, false, 12);
    long tag = stamps.tag(USER);

    stamps.pageChanged(USER + 0x1000);

    assertEquals(tag, stamps.tag(USER));
  }

  @Test
  void aPageWithCodeChangesEverySpace() {
    stamps.translated(USER, false, 12);
    stamps.enter(1, false);
    long before = stamps.tag(USER);

    stamps.pageChanged(USER | 0xfff);

    assertNotEquals(before, stamps.tag(USER));
  }

  @Test
  void aLargePageIsOneToItsLastByte() {
    stamps.translated(KERNEL, true, 21);
    long tag = stamps.tag(KERNEL);

    stamps.pageChanged(KERNEL + 0x10_0000);

    assertNotEquals(tag, stamps.tag(KERNEL));
  }

  @Test
  void aHugePageIsOneToItsLastByte() {
    stamps.translated(KERNEL, true, 30);
    long tag = stamps.tag(KERNEL);

    stamps.pageChanged(KERNEL + 0x1000_0000);

    assertNotEquals(tag, stamps.tag(KERNEL));
  }

  @Test
  void noTagComesTwiceWithoutAWord() {
    Set<Long> seen = new HashSet<>();
    Set<Long> generations = new HashSet<>();
    int known = exhaustions;
    for (int i = 0; i < 100_000; i++) {
      stamps.enter(i & 3, false);
      if (exhaustions != known) {
        known = exhaustions;
        seen.clear();
      }
      assertTrue(seen.add(stamps.tag(USER)));
      assertTrue(generations.add(stamps.generation(USER)));
    }
    assertTrue(known >= 3);
  }
}
