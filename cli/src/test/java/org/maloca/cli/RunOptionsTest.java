package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.maloca.cli.guest.GuestArchitecture;

final class RunOptionsTest {
  private static RunOptions options(String... arguments) throws CommandException {
    return RunSpec.options(CommandLineSpec.create().parseArgs(arguments).subcommand());
  }

  @Test
  void sharedFoldersNeedTheGenericKernel() throws CommandException {
    assertEquals(GuestArchitecture.AMD64, options("run", "linux").linuxKernel());
    assertEquals(
        GuestArchitecture.AMD64_GENERIC, options("run", "linux", "--share", "/tmp").linuxKernel());
  }
}
