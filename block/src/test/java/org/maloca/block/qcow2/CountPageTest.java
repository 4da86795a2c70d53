package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountPageTest {
  /** Few are kept with their places, many in an array: it is the same from outside. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 255, 256, 257, 258, 3000})
  void countsHoweverManyThereAre(int places) {
    Random random = new Random(places);
    CountPage page = new CountPage();
    int[] shadow = new int[CountPage.SIZE];
    int[] order = random.ints(0, CountPage.SIZE).distinct().limit(places).toArray();
    for (int round = 0; round < 2; round++) {
      for (int place : order) {
        int times = 1 + random.nextInt(3);
        page.add(place, times);
        shadow[place] += times;
      }
    }

    int following = CountPage.SIZE;
    for (int place = CountPage.SIZE - 1; place >= 0; place--) {
      following = shadow[place] != 0 ? place : following;
      assertEquals(shadow[place], page.get(place));
      assertEquals(following, page.next(place));
    }
  }
}
