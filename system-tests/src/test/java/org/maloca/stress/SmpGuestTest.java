package org.maloca.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run of what {@code ./dev stress smp} does at length. */
class SmpGuestTest {
  private static final long TIMEOUT_SECONDS = 300;
  private static final long SEED = 1;
  private static final int PASSES = 120;

  private static Stream<Arguments> machines() {
    return Arrays.stream(SmpGuest.values())
        .flatMap(guest ->
            Stream.of(
                argumentSet(guest + ", 2 CPUs, translator", guest, 2, "translator"),
                argumentSet(guest + ", 4 CPUs, translator", guest, 4, "translator"),
                argumentSet(guest + ", 4 CPUs, interpreter", guest, 4, "interpreter")));
  }

  @ParameterizedTest
  @MethodSource("machines")
  void cpusMeetInMemoryAsTheManualsSay(SmpGuest guest, int cpus, String engine) throws Exception {
    var run = guest.run(SmpStress.engine(engine), cpus, SEED, PASSES, TIMEOUT_SECONDS);

    List<String> wrong =
        run.lines().stream().filter(line -> !line.matches("(ok|test|seen) .*")).toList();
    assertEquals(List.of("done"), wrong, run::toString);
    assertTrue(run.passed(), run::toString);
  }
}
