package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.translate.RegionShape.Kind;

/** For which small region a better one is asked. */
class LiveRegionsTest {
  private static final long HOT = 1000;

  private final CodeMachine machine = new CodeMachine(true, false);
  private final LiveRegions live = new LiveRegions(16);

  @BeforeEach
  void runABlock() {
    machine.place(HexFormat.of().parseHex("4889c9" + "f4"));
    machine.run();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private Region region(long heat) {
    Region region = machine.translated(Kind.QUICK);
    region.heat = heat;
    live.add(region, machine.code);
    return region;
  }

  @Test
  void theHottestComesFirstAndEachOnce() {
    Region hot = region(2 * HOT);
    Region hotter = region(3 * HOT);
    region(HOT - 1);
    live.look();
    assertEquals(hotter, live.takeHottest(HOT, 0));
    assertEquals(hot, live.takeHottest(HOT, 0));
    assertNull(live.takeHottest(HOT, 0));
  }

  @Test
  void whatTheGuestIsThroughWithIsNotAskedForHoweverHotItWas() {
    Region before = region(100 * HOT);
    Region now = region(2 * HOT);
    for (int looks = 0; looks < 10; looks++) {
      now.heat++;
      live.look();
    }
    assertEquals(now, live.takeHottest(HOT, 0));
    assertNull(live.takeHottest(HOT, 0));

    before.heat++;
    live.look();
    assertEquals(before, live.takeHottest(HOT, 0));
  }

  @Test
  void whatIsSeldomExecutedIsNotAskedForWhereThatMatters() {
    Region seldom = region(100 * HOT);
    Region often = region(2 * HOT);
    for (int looks = 0; looks < 500; looks++) {
      seldom.heat += looks % 4;
      often.heat += 20;
      live.look();
    }
    assertEquals(often, live.takeHottest(HOT, 10));
    assertNull(live.takeHottest(HOT, 10));
    assertEquals(seldom, live.takeHottest(HOT - 1, 0));
  }

  @Test
  void whatTakesAQuarterOfTheTimeJustNowIsDominant() {
    Region formerly = region(100 * HOT);
    for (int looks = 0; looks < 10; looks++) {
      live.look();
    }
    Region now = region(HOT);
    Region beside = region(HOT / 5);
    live.look();
    assertNull(live.takeDominant(HOT + 1));
    assertEquals(now, live.takeDominant(HOT));
    assertNull(live.takeDominant(1));

    beside.heat += HOT;
    formerly.heat++;
    live.look();
    assertEquals(beside, live.takeDominant(HOT));
  }

  @Test
  void whatWasDroppedIsForgotten() {
    Region dropped = region(2 * HOT);
    live.look();
    dropped.drop();
    assertNull(live.takeHottest(HOT, 0));
  }
}
