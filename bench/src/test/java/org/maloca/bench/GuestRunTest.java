package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
final class GuestRunTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private static GuestRun run(String script, Duration patience) throws IOException {
    return GuestRun.of(List.of("/bin/sh", "-c", script), patience);
  }

  private static List<String> names(GuestRun run) {
    return run.rows().stream().map(row -> row.measurement().name()).toList();
  }

  @Test
  void takesRowsUntilTheEnd() throws IOException {
    GuestRun run =
        run(
            "echo booting; echo begin a; echo noise; echo row a 01 5; echo begin b; echo row b 02 6;"
                + " echo end; exec sleep 1000",
            LONG);

    assertEquals(List.of("a", "b"), names(run));
    assertNull(run.problem());
  }

  @Test
  void believesNoRowThatHasNotBegun() throws IOException {
    GuestRun run = run("echo row a 01 5; echo begin b; echo row a 01 5; echo end", LONG);

    assertEquals(List.of(), names(run));
  }

  @Test
  void keepsWhatWasMeasuredBeforeItBrokeOff() throws IOException {
    GuestRun run =
        run("echo begin a; echo row a 01 5; echo begin b; echo panic; echo why >&2", LONG);

    assertEquals(List.of("a"), names(run));
    assertEquals("it broke off:\nbegin a\nrow a 01 5\nbegin b\npanic\nwhy", run.problem());
  }

  @Test
  void endsWhatHangs() throws IOException {
    GuestRun run = run("echo begin a; exec sleep 1000", Duration.ofMillis(200));

    assertTrue(run.problem().startsWith("it took too long:"));
  }

  @Test
  void comparesClocksWithSomeSlack() {
    Measurement second = new Measurement("a", "01", new double[] {0.5, 0.5});

    assertTrue(new GuestRun.Measured(second, 1.0, 0).hasTrueClock());
    assertTrue(new GuestRun.Measured(second, 1.3, 0).hasTrueClock());
    assertTrue(!new GuestRun.Measured(second, 1.6, 0).hasTrueClock());
    assertTrue(!new GuestRun.Measured(second, 0.5, 0).hasTrueClock());
  }
}
