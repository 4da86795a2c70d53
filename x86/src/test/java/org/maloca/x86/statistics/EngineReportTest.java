package org.maloca.x86.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.x86.RunningMachine;

@Timeout(120)
final class EngineReportTest {
  /**
   * <pre>
   * top: inc eax
   *      cmp byte [DATA], 0
   *      je top
   *      mov byte [DATA], 0
   *      mov byte [top], 0x40    ; what it is already
   *      jmp top
   * </pre>
   */
  private static final String LOOP_THAT_REWRITES_ITSELF_ON_DEMAND =
      "40 803d0030000000 74f6 c6050030000000 c6050010000040 ebe6";

  /** UD2 in a loop; the handler goes on after it. */
  private static final String LOOP_THAT_FAULTS = "0f0b ebfc";

  private static final String SKIP_TWO_BYTES = "83042402 cf";
  private static final String HALT = "f4";

  private static long value(EngineStatistics statistics, String group, String counter) {
    return statistics.value(group, counter).orElseThrow();
  }

  @Test
  void countsEveryInstructionInOneTier() {
    try (var machine = new RunningMachine(true, LOOP_THAT_REWRITES_ITSELF_ON_DEMAND, HALT)) {
      machine.awaitMore("regions", "quick-installed", 0);
      machine.stop();

      EngineStatistics statistics = machine.statistics();
      long all =
          statistics.groups().stream()
              .filter(group -> group.name().equals("instructions"))
              .mapToLong(EngineStatistics.Group::total)
              .sum();
      assertEquals(machine.vcpu.instructionsExecuted(), all);
      assertTrue(value(statistics, "instructions", "interpreted") >= 3 * 1000);
    }
  }

  @Test
  void tellsRegionsThatRunFromTheInterpreter() {
    try (var machine = new RunningMachine(true, LOOP_THAT_REWRITES_ITSELF_ON_DEMAND, HALT)) {
      machine.awaitMore("regions", "quick-installed", 0);
      machine.stop();

      EngineStatistics statistics = machine.statistics();
      assertTrue(value(statistics, "quick", "made") > 0);
      assertTrue(value(statistics, "quick", "guest-instructions") >= 3);
      assertTrue(value(statistics, "quick", "bytecode") > 0);
      assertTrue(value(statistics, "quick", "defining") > 0);
      assertTrue(value(statistics, "translation", "requests") > 0);
      assertEquals(0, value(statistics, "translation", "queue"));
    }
  }

  @Test
  void countsStoresToCodeAndTheRegionsThatTheyEnd() {
    try (var machine = new RunningMachine(true, LOOP_THAT_REWRITES_ITSELF_ON_DEMAND, HALT)) {
      EngineStatistics before = machine.awaitMore("regions", "quick-installed", 0);
      assertEquals(0, value(before, "code", "code-writes"));
      machine.memory.write(RunningMachine.DATA, 1, 1);
      machine.awaitMore("region-drops", "overwritten", 0);
      machine.stop();

      assertTrue(value(machine.statistics(), "code", "code-writes") > 0);
    }
  }

  @Test
  void countsExceptionsByVector() {
    try (var machine = new RunningMachine(true, LOOP_THAT_FAULTS, SKIP_TWO_BYTES)) {
      machine.awaitMore("events", "undefined-opcodes", 100);
      machine.stop();

      EngineStatistics statistics = machine.statistics();
      assertEquals(
          value(statistics, "events", "exceptions"),
          value(statistics, "events", "undefined-opcodes"));
      assertEquals(0, value(statistics, "events", "page-faults"));
    }
  }

  @Test
  void countsHaltsAndTheTimeSpentHalted() {
    try (var machine = new RunningMachine(true, HALT, HALT)) {
      machine.awaitMore("events", "halts", 0);
      machine.stop();

      assertEquals(1, value(machine.statistics(), "events", "halts"));
      assertTrue(value(machine.statistics(), "events", "halted") > 0);
    }
  }

  @Test
  void saysNothingOfRegionsWithoutATranslator() {
    try (var machine = new RunningMachine(false, LOOP_THAT_REWRITES_ITSELF_ON_DEMAND, HALT)) {
      machine.awaitMore("instructions", "interpreted", 10_000);

      assertEquals(OptionalLong.empty(), machine.statistics().value("regions", "quick-live"));
      assertEquals(OptionalLong.empty(), machine.statistics().value("instructions", "quick"));
    }
  }
}
