package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.block.file.FaultyFile;

class EntriesInUseTest {
  private static final long OFFSET = 1 << 20;
  private static final long ENTRIES = 1L << 30;

  private final FaultyFile file = new FaultyFile("table");

  private void put(long index, long entry) throws IOException {
    file.write(OFFSET + index * 8, ByteBuffer.allocate(8).putLong(0, entry));
  }

  private List<Long> found() throws IOException {
    List<Long> found = new ArrayList<>();
    EntriesInUse.forEach(file, OFFSET, ENTRIES, found::add);
    return found;
  }

  @Test
  void areFoundInOrderAndHolesAreNotRead() throws IOException {
    put(-1, 99);
    put(ENTRIES, 99);
    assertEquals(List.of(), found());

    for (long index : new long[] {0, 1, 20_000, ENTRIES / 2, ENTRIES - 1}) {
      put(index, index + 1);
    }

    long before = file.reads();
    assertEquals(List.of(1L, 2L, 20_001L, ENTRIES / 2 + 1, ENTRIES), found());
    long reads = file.reads() - before;
    assertTrue(reads < 10, () -> "reads: " + reads);
  }

  /** The rest reads as zeros. */
  @Test
  void endWhereTheFileDoes() throws IOException {
    put(3, 7);

    assertEquals(List.of(7L), found());
  }
}
