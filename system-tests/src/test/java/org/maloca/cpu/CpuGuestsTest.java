package org.maloca.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the guests of {@code guests/cpu}, which compare the CPU's privileged behaviour with what the
 * manuals say; each prints a line a check.
 */
@ParameterizedClass
@EnumSource(GuestEngine.class)
class CpuGuestsTest {
  private static final long TIMEOUT_SECONDS = 120;

  @Parameter GuestEngine engine;

  @ParameterizedTest
  @CsvSource({
    "modes, 1, 0, 42",
    "segments, 1, 0, 103",
    "gates-protected, 1, 0, 72",
    "tasks, 1, 0, 57",
    "paging-legacy, 1, 0, 39",
    "paging-pae, 1, 0, 39",
    "paging-long, 1, 0, 92",
    "gates-long, 1, 0, 115",
    "debug, 1, 0, 72",
    "system, 1, 0, 101",
    "interrupts, 1, 0, 28",
    "shutdown, 1, 5, 5",
    "self-modifying, 1, 0, 33",
    "faults, 1, 0, 113",
    "two-cpus, 2, 0, 20",
  })
  void theCpuBehavesAsTheManualsSay(String guest, int cpus, int restarts, int checks)
      throws Exception {
    try (var machine = new GuestMachine(GuestImage.assemble(guest), cpus, restarts, engine)) {
      List<String> lines = machine.run(TIMEOUT_SECONDS);

      List<String> passed = lines.stream().filter(line -> line.startsWith("ok ")).toList();
      List<String> others = lines.stream().filter(line -> !line.startsWith("ok ")).toList();
      assertEquals(List.of("done", "exit 0"), others, () -> "passed: " + passed);
      assertEquals(checks, passed.size());
    }
  }
}
