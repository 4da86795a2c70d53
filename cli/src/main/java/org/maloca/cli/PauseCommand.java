package org.maloca.cli;

import org.maloca.cli.control.ControlSocket;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca pause} and {@code maloca resume}: has a machine stand still, and go on. */
final class PauseCommand {
  static final String NAME = "pause";
  static final String RESUME = "resume";

  private static final AskedMachine.Subject SUBJECT =
      new AskedMachine.Subject(PauseService.WORD, PauseService.STATE, "");

  private PauseCommand() {}

  static CommandSpec spec() {
    return spec(
        "Has a machine stand still: it uses no CPU time until 'maloca resume', and keeps its"
            + " memory, disks and connections.",
        "Without a name: the one machine that runs.");
  }

  static CommandSpec resumeSpec() {
    return spec(
        "Lets a machine go on that 'maloca pause' has stopped.",
        "Without a name: the one machine that runs.");
  }

  private static CommandSpec spec(String... description) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(description);
    spec.addOption(CommandLineSpec.helpOption());
    spec.addPositional(AskedMachine.nameParameter());
    return spec;
  }

  /**
   * Asks the machine.
   *
   * @param request of the {@link PauseService}
   */
  static int run(ParseResult parsed, String request) throws CommandException {
    AskedMachine machine =
        AskedMachine.find(ControlSocket.folder(), parsed.matchedPositionalValue(0, ""), SUBJECT);
    System.out.println(machine.machine().name() + ": " + machine.ask(request));
    return ExitCode.OK;
  }
}
