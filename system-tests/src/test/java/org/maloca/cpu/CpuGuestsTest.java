package org.maloca.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the guests of {@code guests/cpu}, which compare the CPU's privileged behaviour with what the
 * manuals say; each prints a line a check.
 */
class CpuGuestsTest {
  private static final long TIMEOUT_SECONDS = 60;

  @ParameterizedTest
  @CsvSource({
    "modes, 42",
    "segments, 103",
    "gates-protected, 72",
    "tasks, 57",
    "paging-legacy, 39",
    "paging-pae, 39",
    "paging-long, 92",
    "gates-long, 115",
    "debug, 72",
    "system, 101",
    "interrupts, 28",
    "self-modifying, 33",
    "faults, 113",
  })
  void oneCpuBehavesAsTheManualsSay(String guest, int checks) throws Exception {
    assertAllChecksPass(guest, 1, 0, checks);
  }

  @Test
  void aFaultInADoubleFaultShutsTheCpuDown() throws Exception {
    assertAllChecksPass("shutdown", 1, 5, 5);
  }

  @Test
  void twoCpusShareMemoryAsTheManualsSay() throws Exception {
    assertAllChecksPass("two-cpus", 2, 0, 20);
  }

  private static void assertAllChecksPass(String guest, int cpus, int restarts, int checks)
      throws Exception {
    try (var machine = new GuestMachine(GuestImage.assemble(guest), cpus, restarts, true)) {
      List<String> lines = machine.run(TIMEOUT_SECONDS);

      List<String> end = lines.subList(Math.max(0, lines.size() - 2), lines.size());
      List<String> passed = lines.stream().filter(line -> line.startsWith("ok ")).toList();
      List<String> others = lines.stream().filter(line -> !line.startsWith("ok ")).toList();
      assertEquals(List.of("done", "exit 0"), others, () -> "after " + passed.getLast());
      assertEquals(List.of("done", "exit 0"), end);
      assertEquals(checks, passed.size());
    }
  }
}
