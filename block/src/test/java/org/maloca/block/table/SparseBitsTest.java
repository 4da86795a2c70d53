package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SparseBitsTest {
  @Test
  void has_what_a_set_has() {
    Random random = new Random(1);
    SparseBits bits = new SparseBits();
    Set<Long> set = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      long number = random.nextBoolean() ? random.nextInt(5000) : random.nextLong() >>> 1;
      assertEquals(set.contains(number), bits.contains(number));
      assertEquals(set.add(number), bits.add(number));
      if (i == 10_000) {
        set.clear();
        bits.clear();
      }
    }
  }
}
