package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;

class PageCacheTest {
  private static final int PAGE_BYTES = 512;
  private static final int CAPACITY = 300;
  private static final int PAGES = 1000;

  private static final long HUGE = 1L << 44;

  private final FaultyFile file = new FaultyFile("tables");
  private final PageCache cache =
      new PageCache(file, PAGE_BYTES, CAPACITY, ByteOrder.LITTLE_ENDIAN);

  /** To read all pages of the hole would take hours. */
  @Test
  void passesHolesAndEndsAtWhatTheFileHasOrWasChanged() throws IOException {
    file.setSize(HUGE);
    assertEquals(HUGE, cache.skipZeros(0, HUGE));
    assertEquals(HUGE + 4096, cache.skipZeros(HUGE - 8, HUGE + 4096));

    file.write(HUGE / 2 + 8, ByteBuffer.wrap(new byte[] {0, 0, 0, 1}));
    cache.putInt(HUGE / 4 + 12, 7);
    cache.putInt(HUGE / 8 + 12, 7);

    assertEquals(HUGE / 8 + 12, cache.skipZeros(4, HUGE));
    assertEquals(HUGE / 8 + 12, cache.skipZeros(HUGE / 8 + 12, HUGE));
    assertEquals(HUGE / 8 + 12, cache.skipZeros(0, HUGE / 8 + 12));
    assertEquals(HUGE / 4 + 12, cache.skipZeros(HUGE / 8 + 16, HUGE));
    assertEquals(HUGE / 2 + 8, cache.skipZeros(HUGE / 4 + 16, HUGE));
    assertEquals(HUGE, cache.skipZeros(HUGE / 2 + 12, HUGE));
  }

  /** So many pages come in turn that it grows to its most, and then gives the oldest away. */
  @Test
  void keepsWhatIsChangedBelowAndBeyondItsRoom() throws IOException {
    long[] shadow = new long[PAGES];
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      int page = random.nextInt(i < 5000 ? 1 + i / 20 : PAGES);
      long position = (long) page * PAGE_BYTES + 8;
      assertEquals(shadow[page], cache.getLong(position), "operation " + i);
      if (random.nextInt(3) == 0) {
        shadow[page] = random.nextLong();
        cache.putLong(position, shadow[page]);
      }
      if (cache.isCrowded()) {
        cache.writeDirty();
      }
    }
    cache.writeDirty();

    ByteBuffer found = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (int page = 0; page < PAGES; page++) {
      file.read((long) page * PAGE_BYTES + 8, found.clear());
      assertEquals(shadow[page], found.getLong(0), "page " + page);
    }
  }
}
