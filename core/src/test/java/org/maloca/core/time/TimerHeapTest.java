package org.maloca.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimerHeapTest {
  private static final class Alarm extends TimerHeap.Entry {
    Alarm(long serial) {
      super(serial);
    }
  }

  private final TimerHeap heap = new TimerHeap();

  @Test
  void givesEntriesByDeadlineWhateverWasAddedMovedAndRemoved() {
    SplittableRandom random = new SplittableRandom(7);
    List<Alarm> alarms = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      alarms.add(new Alarm(i));
      heap.add(alarms.get(i), random.nextInt(1000));
    }
    alarms.subList(50, 100).forEach(heap::remove);
    for (Alarm moved : alarms.subList(100, 150)) {
      heap.remove(moved);
      heap.add(moved, random.nextInt(1000));
    }

    List<Long> deadlines = drain();

    assertEquals(150, deadlines.size());
    assertEquals(deadlines.stream().sorted().toList(), deadlines);
  }

  @Test
  void equalDeadlinesComeInOrderOfMaking() {
    Alarm second = new Alarm(2);
    Alarm first = new Alarm(1);
    heap.add(second, 10);
    heap.add(first, 10);

    assertEquals(first, heap.first());
  }

  @Test
  void removingWhatIsNotInDoesNothing() {
    heap.remove(new Alarm(1));

    assertTrue(heap.isEmpty());
  }

  private List<Long> drain() {
    List<Long> deadlines = new ArrayList<>();
    while (!heap.isEmpty()) {
      deadlines.add(heap.first().deadlineNanos());
      heap.remove(heap.first());
    }
    return deadlines;
  }
}
