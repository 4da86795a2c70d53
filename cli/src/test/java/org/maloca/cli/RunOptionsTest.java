package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.maloca.cli.guest.GuestArchitecture;

final class RunOptionsTest {
  private static RunOptions options(String... arguments) throws CommandException {
    return RunSpec.options(CommandLineSpec.create().parseArgs(arguments).subcommand());
  }

  @Test
  void guestsHaveAMinuteToShutDownUnlessToldOtherwise() throws CommandException {
    assertEquals(Duration.ofMinutes(1), options("run", "linux").shutdownTimeout());
    assertEquals(
        Duration.ZERO, options("run", "linux", "--shutdown-timeout", "0").shutdownTimeout());
    CommandException wrong =
        assertThrows(
            CommandException.class, () -> options("run", "linux", "--shutdown-timeout", "1m"));
    assertEquals(
        "--shutdown-timeout: '1m' is no number of seconds up to 86400", wrong.getMessage());
  }

  @Test
  void sharedFoldersNeedTheGenericKernel() throws CommandException {
    assertEquals(GuestArchitecture.AMD64, options("run", "linux").linuxKernel());
    assertEquals(
        GuestArchitecture.AMD64_GENERIC, options("run", "linux", "--share", "/tmp").linuxKernel());
  }
}
