package org.maloca.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualClockTest {
  private final ManualClock clock = new ManualClock();
  private final List<String> fired = new ArrayList<>();

  @Test
  void firesInOrderOfDeadlinesEachAtItsTime() {
    clock.newTimer(() -> fired.add("late " + clock.nanos())).arm(200);
    clock.newTimer(() -> fired.add("early " + clock.nanos())).arm(100);

    clock.advance(99);
    assertEquals(List.of(), fired);
    clock.advance(500);

    assertEquals(List.of("early 100", "late 200"), fired);
    assertEquals(599, clock.nanos());
  }

  @Test
  void timerArmedAgainInItsActionIsPeriodic() {
    VirtualClock.Timer[] timer = new VirtualClock.Timer[1];
    timer[0] =
        clock.newTimer(() -> {
          fired.add("tick");
          timer[0].arm(clock.nanos() + 10);
        });
    timer[0].arm(10);

    clock.advance(35);

    assertEquals(List.of("tick", "tick", "tick"), fired);
  }

  @Test
  void cancelledTimerDoesNotFire() {
    VirtualClock.Timer timer = clock.newTimer(() -> fired.add("no"));
    timer.arm(10);
    timer.cancel();

    clock.advance(20);

    assertEquals(List.of(), fired);
  }
}
