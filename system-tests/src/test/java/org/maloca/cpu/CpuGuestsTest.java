package org.maloca.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the guests of {@code guests/cpu}, which compare the CPU's privileged behaviour with what the
 * manuals say; each prints a line a check.
 */
class CpuGuestsTest {
  private static final long TIMEOUT_SECONDS = 120;

  private static final List<Guest> GUESTS =
      List.of(
          new Guest("modes", 1, 0, 42),
          new Guest("segments", 1, 0, 105),
          new Guest("gates-protected", 1, 0, 72),
          new Guest("tasks", 1, 0, 57),
          new Guest("paging-legacy", 1, 0, 39),
          new Guest("paging-pae", 1, 0, 39),
          new Guest("paging-long", 1, 0, 92),
          new Guest("gates-long", 1, 0, 115),
          new Guest("debug", 1, 0, 74),
          new Guest("system", 1, 0, 101),
          new Guest("interrupts", 1, 0, 28),
          new Guest("shutdown", 1, 5, 5),
          new Guest("self-modifying", 1, 0, 33),
          new Guest("faults", 1, 0, 114),
          new Guest("two-cpus", 2, 0, 20));

  /** A guest, and how many checks it makes: one that ends early must not pass. */
  private record Guest(String name, int cpus, int restarts, int checks) {}

  private static Stream<Arguments> guestsOnEveryEngine() {
    return Arrays.stream(GuestEngine.values())
        .flatMap(engine ->
            GUESTS.stream()
                .filter(guest -> engine.takes(guest.cpus))
                .map(guest -> argumentSet(guest.name + " on " + engine, guest, engine)));
  }

  @ParameterizedTest
  @MethodSource("guestsOnEveryEngine")
  void theCpuBehavesAsTheManualsSay(Guest guest, GuestEngine engine) throws Exception {
    byte[] image = GuestImage.assemble(guest.name);
    try (var machine = new GuestMachine(image, guest.cpus, guest.restarts, engine)) {
      List<String> lines = machine.run(TIMEOUT_SECONDS);

      List<String> passed = lines.stream().filter(line -> line.startsWith("ok ")).toList();
      List<String> others = lines.stream().filter(line -> !line.startsWith("ok ")).toList();
      assertEquals(List.of("done", "exit 0"), others, () -> "passed: " + passed);
      assertEquals(guest.checks, passed.size());
    }
  }
}
