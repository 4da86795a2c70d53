package org.maloca.block.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class KeptDiskTest {
  private final CountingDisk inner = new CountingDisk();

  @Test
  void discardsReachNothing() throws IOException {
    try (KeptDisk disk = new KeptDisk(inner)) {
      disk.discard(0, 1 << 20);
    }
    assertEquals(0, inner.discards);
  }

  @Test
  void zeroingKeepsItsRoom() throws IOException {
    try (KeptDisk disk = new KeptDisk(inner)) {
      disk.writeZeroes(0, 1 << 20, true);
    }
    assertEquals(0, inner.unmappings);
  }
}
