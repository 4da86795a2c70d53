package org.maloca.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LongFieldsTest {
  /** Three fields that the JVM puts side by side, and one that it does not. */
  private static final class Row {
    long first = 1;
    long second = 2;
    long third = 3;
    byte small = 4;
  }

  private final Row row = new Row();

  @BeforeEach
  void requireTheFastWay() {
    assumeTrue(HostMemory.isFast());
  }

  @Test
  void fieldsAreReadAndWrittenByNumber() {
    long offset = LongFields.offsetOf(Row.class, "first", "second", "third");
    assertNotEquals(LongFields.NONE, offset);

    LongFields.set(row, offset, 1, 20);

    assertEquals(1, LongFields.get(row, offset, 0));
    assertEquals(20, row.second);
    assertEquals(3, LongFields.get(row, offset, 2));
    assertEquals(4, row.small);
  }

  @Test
  void fieldsOutOfOrderAreNoRow() {
    assertEquals(LongFields.NONE, LongFields.offsetOf(Row.class, "first", "third"));
    assertEquals(LongFields.NONE, LongFields.offsetOf(Row.class, "second", "first"));
    assertTrue(row.first < row.third);
  }
}
