package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether a guest is one that waits for others. */
class GuestWaitsTest {
  private static final long LOOK_NANOS = 10_000_000;

  private final CodeMachine first = new CodeMachine(true, false);
  private final CodeMachine second = new CodeMachine(true, false);
  private final GuestWaits waits = new GuestWaits();
  private long now = 1;

  @AfterEach
  void close() {
    first.close();
    second.close();
  }

  private void look(int times, long firstHalted, long secondHalted) {
    for (int i = 0; i < times; i++) {
      now += LOOK_NANOS;
      first.cpu.counters.haltedNanos += firstHalted;
      second.cpu.counters.haltedNanos += secondHalted;
      waits.look(Set.of(first.code, second.code), now);
    }
  }

  @Test
  void aGuestWhoseCpusAreAllHaltedAtTimesWaits() {
    look(300, LOOK_NANOS / 20, LOOK_NANOS / 10);

    assertTrue(waits.areFrequent());
  }

  @Test
  void aGuestThatUsesOneOfItsCpusDoesNot() {
    look(300, 0, LOOK_NANOS);

    assertFalse(waits.areFrequent());
  }

  @Test
  void aGuestThatWaitedDoesNotWaitForEver() {
    look(300, LOOK_NANOS / 2, LOOK_NANOS / 2);
    look(300, 0, 0);

    assertFalse(waits.areFrequent());
  }
}
