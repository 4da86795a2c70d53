package org.maloca.cli;

import java.util.concurrent.TimeUnit;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.MachineRefusal;
import org.maloca.cli.control.RunningMachine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca stop}: has the guest of a machine that runs shut down, and waits for its end. */
final class StopCommand {
  static final String NAME = "stop";

  private static final String FORCE = "--force";
  private static final String TIMEOUT = "--timeout";
  private static final long POLL_MILLIS = 200;
  private static final AskedMachine.Subject SUBJECT =
      new AskedMachine.Subject(StopService.WORD, StopService.PRESENT, "");

  private StopCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Presses the power button of a machine that runs, and waits until it has ended.",
            "Where the guest takes too long, or does not listen, the plug is pulled.",
            "Without a name: of the one machine that runs.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addOption(
        OptionSpec.builder(FORCE)
            .type(boolean.class)
            .description("Pull the plug at once; what the guest has written to its disks is kept.")
            .build());
    spec.addOption(
        OptionSpec.builder(TIMEOUT)
            .paramLabel("SECONDS")
            .type(String.class)
            .description(
                "How long the guest may take (default: what 'maloca run --shutdown-timeout' said).")
            .build());
    spec.addPositional(AskedMachine.nameParameter());
    return spec;
  }

  static int run(ParseResult parsed) throws CommandException {
    String timeout = parsed.matchedOptionValue(TIMEOUT, "");
    String patience = timeout.isEmpty() ? "" : " " + RunSpec.seconds(TIMEOUT, timeout);
    AskedMachine machine =
        AskedMachine.find(ControlSocket.folder(), parsed.matchedPositionalValue(0, ""), SUBJECT);
    boolean isForced = parsed.hasMatchedOption(FORCE);
    String answer =
        machine.ask(isForced ? StopService.PULL_PLUG : StopService.SHUT_DOWN + patience);
    if (!answer.isEmpty()) {
      System.out.println(machine.machine().name() + ": " + answer);
    }
    awaitEnd(machine.machine());
    return ExitCode.OK;
  }

  /** The machine pulls its plug itself in the end. */
  private static void awaitEnd(RunningMachine machine) throws CommandException {
    try {
      while (machine.ask(StopService.WORD, StopService.PRESENT).isPresent()) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (MachineRefusal refusal) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(refusal.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.LEFT, "stopped waiting for " + machine.name());
    }
  }
}
