package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static RowTimes times(Group group, String name, double maloca, double tcg) {
    RowTimes times = new RowTimes(new Row(group, name), "0");
    times.add(Emulator.MALOCA, measured(name, maloca));
    times.add(Emulator.TCG, measured(name, tcg));
    return times;
  }

  private static GuestRun.Measured measured(String name, double seconds) {
    return new GuestRun.Measured(
        new Measurement(name, "0", new double[] {seconds / 2, seconds / 2}), seconds, seconds);
  }

  private static RowTimes failed(Group group, String name) {
    RowTimes times = new RowTimes(new Row(group, name), "0");
    times.add(Emulator.TCG, measured(name, 1));
    times.addProblem(Emulator.MALOCA, "it broke off");
    return times;
  }

  private static String printed(Report report) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    report.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void meanOfAGroupIsGeometric() {
    Report report =
        new Report(
            List.of(
                times(Group.SYSTEM, "getpid", 0.9, 1),
                times(Group.SYSTEM, "fork", 0.4, 1),
                times(Group.CODE, "emit", 0.25, 1)));

    assertEquals(0.6, report.mean(Group.SYSTEM), 1e-9);
    assertTrue(report.isMet(Group.SYSTEM));
    assertTrue(report.isMet(Group.CODE));
  }

  @Test
  void meanAboveItsBarIsMissedThoughEachRowIsWithin() {
    Report report = new Report(List.of(times(Group.INTEGER, "fib", 0.55, 1)));

    assertFalse(report.isMet(Group.INTEGER));
  }

  @Test
  void rowThatFailedFailsItsGroup() {
    Report report =
        new Report(List.of(times(Group.HASHING, "sha256", 0.1, 1), failed(Group.HASHING, "crc")));

    assertFalse(report.isMet(Group.HASHING));
    assertEquals(List.of("crc, MALOCA: it broke off"), report.problems());
  }

  @Test
  void printsRowsByGroupWithTheirVerdicts() {
    Report report =
        new Report(
            List.of(
                times(Group.HASHING, "sha256", 1.5, 2),
                times(Group.INTEGER, "fib", 0.25, 1),
                times(Group.INTEGER, "sieve", 1, 1),
                failed(Group.HASHING, "crc")));

    assertEquals(
        """
        row                        Maloca s  TCG s  ratio   warm    CPU  at most     bar
        --------------------------------------------------------------------------------
        fib                           0.250  1.000  0.250  0.250  0.250     0.60     met
        sieve                         1.000  1.000  1.000  1.000  1.000     0.60  MISSED
        = integer, geometric mean                   0.500                   0.45  MISSED
        sha256                        1.500  2.000  0.750  0.750  0.750     0.90     met
        crc                               -  1.000      -      -      -     0.90  MISSED
        = hashing, geometric mean                   0.750                   0.90  MISSED

        crc, MALOCA: it broke off
        2 of 4 rows are within their bars
        """,
        printed(report));
  }

  @Test
  void writesTheFiguresForPrograms() {
    List<RowTimes> rows =
        List.of(times(Group.HASHING, "sha256", 1.5, 2), failed(Group.HASHING, "crc"));

    assertEquals(
        """
        {
          "host": "a \\"CPU\\"\\u000a",
          "engine": "translator",
          "peer": "QEMU",
          "rows": [
            {"name": "sha256", "group": "hashing", "maloca": [1.500000], "tcg": [2.000000], \
        "ratio": 0.750000, "warmRatio": 0.750000, "cpuRatio": 0.750000, "bar": 0.900000, \
        "met": true, "problems": []},
            {"name": "crc", "group": "hashing", "maloca": [], "tcg": [1.000000], \
        "ratio": null, "warmRatio": null, "cpuRatio": null, "bar": 0.900000, \
        "met": false, "problems": ["crc, MALOCA: it broke off"]}
          ],
          "groups": [
            {"name": "hashing", "mean": 0.750000, "bar": 0.900000, "met": false}
          ]
        }
        """,
        JsonReport.of(new Report(rows), rows, "a \"CPU\"\n", "translator", "QEMU"));
  }
}
