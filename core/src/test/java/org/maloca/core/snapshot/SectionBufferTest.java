package org.maloca.core.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SectionBufferTest {
  private final SectionBuffer buffer = new SectionBuffer();

  @Test
  void givesBackWhatWasPut() {
    buffer.section("a", 2).put(true).put(7).put(-8L).put(new byte[100]).put(new long[] {1, 2});

    SnapshotReader.Section section = buffer.reader().section("a", 3);

    assertEquals(2, section.version());
    assertTrue(section.getBoolean());
    assertEquals(7, section.getInt());
    assertEquals(-8L, section.getLong());
    assertEquals(100, section.getBytes(100).length);
    assertArrayEquals(new long[] {1, 2}, section.getLongs(2));
  }

  @Test
  void refusesMissingNewerAndShortSections() {
    buffer.section("a", 2).put(1);
    SnapshotReader reader = buffer.reader();

    assertThrows(SnapshotException.class, () -> reader.section("b", 1));
    assertThrows(SnapshotException.class, () -> reader.section("a", 1));
    assertThrows(SnapshotException.class, () -> reader.section("a", 2).getLong());
  }

  @Test
  void refusesLengthsBeyondTheLimit() {
    buffer.section("a", 1).put(Integer.MAX_VALUE);

    SnapshotReader.Section section = buffer.reader().section("a", 1);

    assertThrows(SnapshotException.class, () -> section.getBytes(16));
  }

  @Test
  void refusesAnArrayThatEndsEarly() {
    buffer.section("a", 1).put(4).put(1L);

    SnapshotReader.Section section = buffer.reader().section("a", 1);

    assertThrows(SnapshotException.class, () -> section.getLongs(4));
  }
}
