package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RowTimesTest {
  private static final Row ROW = new Row(Group.HASHING, "sha256");

  private final RowTimes times = new RowTimes(ROW, "right");

  private static GuestRun.Measured run(String checksum, double cold, double warm, double cpu) {
    double[] rounds = {cold, warm};
    return new GuestRun.Measured(
        new Measurement("sha256", checksum, rounds), cold + warm + 0.01, cpu);
  }

  @Test
  void comparesMedians() {
    for (double cold : new double[] {2, 3, 7}) {
      times.add(Emulator.MALOCA, run("right", cold, 1, 5));
      times.add(Emulator.TCG, run("right", 6, cold, 4));
    }

    assertEquals(4.0 / 9, times.ratio());
    assertEquals(1.0 / 3, times.warmRatio());
    assertEquals(5.0 / 4, times.cpuRatio());
    assertTrue(times.isMet());
    assertEquals(List.of(), times.problems());
  }

  @Test
  void missesABarThatIsJustPassed() {
    times.add(Emulator.MALOCA, run("right", 0.5, 0.41, 1));
    times.add(Emulator.TCG, run("right", 0.5, 0.5, 1));

    assertFalse(times.isMet());
  }

  @Test
  void wrongResultIsNoTime() {
    times.add(Emulator.MALOCA, run("wrong", 0.1, 0.1, 1));
    times.add(Emulator.TCG, run("right", 1, 1, 1));

    assertTrue(times.whole(Emulator.MALOCA).isEmpty());
    assertFalse(times.isMet());
    assertEquals(List.of("sha256, MALOCA: computed wrong, not right"), times.problems());
  }

  @Test
  void wrongResultSpoilsRightOnes() {
    times.add(Emulator.MALOCA, run("right", 0.1, 0.1, 1));
    times.add(Emulator.TCG, run("right", 1, 1, 1));
    times.add(Emulator.MALOCA, run("wrong", 0.1, 0.1, 1));

    assertFalse(times.isMet());
  }

  @Test
  void firstRunTellsWhatIsRightWhereNobodyKnows() {
    RowTimes unknown = new RowTimes(ROW, null);
    unknown.add(Emulator.MALOCA, run("this", 1, 1, 1));
    unknown.add(Emulator.TCG, run("that", 1, 1, 1));

    assertEquals(List.of("sha256, TCG: computed that, not this"), unknown.problems());
  }

  @Test
  void clockThatGoesSlowIsNoTime() {
    Measurement half = new Measurement("sha256", "right", new double[] {1});
    times.add(Emulator.MALOCA, new GuestRun.Measured(half, 2.0, 1));
    times.add(Emulator.TCG, new GuestRun.Measured(half, 1.2, 1));

    assertTrue(times.whole(Emulator.MALOCA).isEmpty());
    assertEquals(1, times.whole(Emulator.TCG).median());
    assertEquals(List.of("sha256, MALOCA: its clock counted 1.00 s in 2.00 s"), times.problems());
  }

  @Test
  void missingPeerLeavesTheRatioUnknown() {
    times.add(Emulator.MALOCA, run("right", 0.1, 0.1, 1));

    assertTrue(Double.isNaN(times.ratio()));
    assertFalse(times.isMet());
  }
}
