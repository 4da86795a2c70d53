package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.cpu.EngineStatistics.Unit;

final class StatisticsTableTest {
  private static EngineStatistics statistics(boolean isBreakdown, Counter... counters) {
    return new EngineStatistics(
        List.of(new Group("group", "the group", isBreakdown, List.of(counters))));
  }

  @Test
  void showsThePartsOfAWholeWithTheirShares() {
    EngineStatistics statistics =
        statistics(
            true,
            new Counter("first", "first", Unit.INSTRUCTIONS, 3_000_000),
            new Counter("second", "second", Unit.INSTRUCTIONS, 1_000_000));

    assertEquals(
        List.of(
            "the group                                          4.0 M",
            "  first                                            3.0 M    75.0 %",
            "  second                                           1.0 M    25.0 %"),
        StatisticsTable.lines(statistics));
  }

  @Test
  void showsEachUnitAtAFittingScale() {
    EngineStatistics statistics =
        statistics(
            false,
            new Counter("events", "events", Unit.COUNT, 123_456),
            new Counter("short", "short", Unit.NANOSECONDS, 1_500),
            new Counter("medium", "medium", Unit.NANOSECONDS, 1_500_000),
            new Counter("long", "long", Unit.NANOSECONDS, 90_000_000_000L),
            new Counter("small", "small", Unit.BYTES, 512),
            new Counter("large", "large", Unit.BYTES, 3 << 20));

    assertEquals(
        List.of(
            "the group",
            "  events                                       123,456",
            "  short                                            1.5 us",
            "  medium                                           1.5 ms",
            "  long                                            90.0 s",
            "  small                                            0.5 KiB",
            "  large                                            3.0 MiB"),
        StatisticsTable.lines(statistics));
  }

  @Test
  void leavesOutWhatNeverHappened() {
    EngineStatistics statistics =
        new EngineStatistics(
            List.of(
                new Group(
                    "idle", "idle", false, List.of(new Counter("none", "none", Unit.COUNT, 0))),
                new Group(
                    "busy",
                    "busy",
                    false,
                    List.of(
                        new Counter("some", "some", Unit.COUNT, 1),
                        new Counter("none", "none", Unit.COUNT, 0)))));

    assertEquals(
        List.of("busy", "  some                                               1"),
        StatisticsTable.lines(statistics));
  }

  @Test
  void writesEveryCounterAsJson() {
    EngineStatistics statistics =
        new EngineStatistics(
            List.of(
                new Group(
                    "one",
                    "one",
                    false,
                    List.of(
                        new Counter("a-b", "label", Unit.COUNT, 0),
                        new Counter("c", "label", Unit.BYTES, 5_000_000_000L))),
                new Group("two", "two", true, List.of(new Counter("d", "label", Unit.COUNT, 7)))));

    assertEquals(
        """
        {
          "one": {
            "a-b": 0,
            "c": 5000000000
          },
          "two": {
            "d": 7
          }
        }
        """,
        StatisticsJson.of(statistics));
  }
}
