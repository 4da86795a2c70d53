package org.maloca.x86.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StalePagesTest {
  private final StalePages pages = new StalePages();
  private final List<String> taken = new ArrayList<>();

  private List<String> takeAll() {
    taken.clear();
    pages.takeAll((page, first, end, writes) ->
        taken.add("%x: %x to %x, %d".formatted(page, first, end, writes)));
    return taken;
  }

  @Test
  void writesToAPageAreOneEntryAroundAllOfThem() {
    pages.add(5, 0x10, 0x18);
    pages.add(5 + StalePages.CAPACITY, 0, 0x1000);
    pages.add(5, 0x100, 0x104);
    pages.add(5, 0x8, 0x9);

    assertEquals(List.of("5: 8 to 104, 3", "1005: 0 to 1000, 1"), takeAll());
    assertEquals(List.of(), takeAll());
  }

  @Test
  void thereIsRoomForManyPagesAndThenNoMore() {
    for (int page = 0; page < StalePages.CAPACITY; page++) {
      assertTrue(pages.add(page * 7, 0, 1));
    }
    assertFalse(pages.add(1, 0, 1));
    assertTrue(pages.add(7, 0, 2));
    assertEquals(StalePages.CAPACITY, takeAll().size());
    assertTrue(pages.add(1, 0, 1));
  }

  @Test
  void whatIsAddedWhileAllAreTakenIsTakenToo() {
    pages.add(1, 0, 1);
    pages.takeAll((page, first, end, writes) -> {
      taken.add("%x".formatted(page));
      if (page == 1) {
        pages.add(2, 0, 1);
      }
    });

    assertEquals(List.of("1", "2"), taken);
  }
}
