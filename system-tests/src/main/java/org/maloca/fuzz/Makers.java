package org.maloca.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who made the host's CPU, and which instructions the two makers' CPUs execute differently at
 * times. Maloca is an AMD (ADR 7): where a manual leaves something open, or the makers' manuals
 * differ, it does as AMD's silicon does. On other silicon the forms below are compared, too, but
 * what differs is counted apart.
 */
final class Makers {
  private static final String ONE_BYTE =
      """
      63 * m 0      # Intel reads two bytes, AMD four
      90 * - 0       # with REX.B an exchange with R8, or PAUSE
      a4-a7 * - 0    # upper halves when ECX counts to zero; order of the operands' faults
      aa-af * - 0    # flags and upper halves left by a fault
      e0-e1 * - b    # AMD's REP prefixes choose the condition
      ff/2 * m 0     # what is stored when the push crosses a page
      """;

  /** Stores: an exception of the unit against a page fault, and what is left by the latter. */
  private static final String X87_STORES =
      """
      d9/2-3 * M 0 x87
      db/1-3 * M 0 x87
      db/7 * M 0 x87
      dd/1-3 * M 0 x87
      df/1-3 * M 0 x87
      df/6-7 * M 0 x87
      """;

  private static final String TWO_BYTE =
      """
      39 N - 0       # undefined; how much of it is fetched, and when it is too long
      3b-3f N - 0
      7a-7b N m 0
      a6-a7 N m 0
      b9 * m 0
      ff N m 0
      7e-7f N m 0    # TOP after a fault
      e7 N M 0
      a4-a5 * m 0    # counts beyond 16 bits
      ac-ad * m 0
      f7 N6 R 0      # the address that a fault tells
      """;

  private static final String MAP_0F38 =
      """
      c8-cd N m 0    # Intel's SHA wants aligned operands
      """;

  private static final String MAP_0F3A =
      """
      cc N m 0
      40-41 6 m 0    # which NaN a dot product takes
      """;

  /** Functions and remainders: C1, and results so small that they underflow. */
  private static final String[] FUNCTIONS = {
    "d9 f0", "d9 f1", "d9 f2", "d9 f3", "d9 f5", "d9 f8", "d9 f9", "d9 fb", "d9 fd", "d9 fe",
    "d9 ff"
  };

  private static final Map<String, Form.Modrm> DIFFERING = load();

  /** Whether the host's CPU is AMD's, so that nothing may differ. */
  static final boolean HOST_IS_AMD = isAmdHere();

  private Makers() {}

  private static Map<String, Form.Modrm> load() {
    var differing = new HashMap<String, Form.Modrm>();
    Stream.of(
            Form.parse(Form.Map.ONE_BYTE, ONE_BYTE),
            Form.parse(Form.Map.ONE_BYTE, X87_STORES),
            Form.parse(Form.Map.TWO_BYTE, TWO_BYTE),
            Form.parse(Form.Map.MAP_0F38, MAP_0F38),
            Form.parse(Form.Map.MAP_0F3A, MAP_0F3A))
        .flatMap(List::stream)
        .forEach(form -> differing.put(form.label(), form.modrm()));
    for (String label : FUNCTIONS) {
      differing.put(label, Form.Modrm.REGISTER);
    }
    return differing;
  }

  private static boolean isAmdHere() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.anyMatch(line -> line.endsWith("AuthenticAMD"));
    } catch (IOException notLinux) {
      return false;
    }
  }

  /** Whether CPUs of other makers execute a form differently at times. */
  static boolean mayDiffer(Form form) {
    Form.Modrm differing = DIFFERING.get(form.label());
    return differing != null
        && (differing != Form.Modrm.MEMORY || form.modrm() != Form.Modrm.REGISTER);
  }
}
