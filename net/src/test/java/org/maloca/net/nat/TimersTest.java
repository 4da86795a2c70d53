package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimersTest {
  private final List<Long> fired = new ArrayList<>();

  private final class Alarm extends Timers.Entry {
    long due;

    @Override
    protected void expired(long nowNanos) {
      assertEquals(nowNanos, due);
      fired.add(due);
    }
  }

  @Test
  void firesAtTheLastDeadlineThatWasSet() {
    SplittableRandom random = new SplittableRandom(11);
    Timers timers = new Timers();
    Alarm[] alarms = new Alarm[300];
    for (int i = 0; i < alarms.length; i++) {
      alarms[i] = new Alarm();
      for (int again = 0; again < 4; again++) {
        alarms[i].due = random.nextInt(1000);
        timers.arm(alarms[i], alarms[i].due);
      }
    }
    for (int i = 0; i < 50; i++) {
      timers.remove(alarms[i]);
    }
    for (int i = 50; i < 100; i++) {
      timers.arm(alarms[i], Timers.NEVER);
    }

    for (long now = 0; now < 1000; now++) {
      timers.run(now);
    }

    assertEquals(200, fired.size());
    assertEquals(Timers.NEVER, timers.nextNanos());
  }
}
