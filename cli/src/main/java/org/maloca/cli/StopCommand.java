package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.MachineRefusal;
import org.maloca.cli.control.MachineSilence;
import org.maloca.cli.control.RunningMachine;
import org.maloca.cli.guest.MachineFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca stop}: has the guest of a machine that runs shut down, and waits for its end. */
final class StopCommand {
  static final String NAME = "stop";

  private static final String FORCE = "--force";
  private static final String TIMEOUT = "--timeout";
  private static final long POLL_MILLIS = 200;

  private StopCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Presses the power button of a machine that runs, and waits until it has ended.",
            "Where the guest takes too long, or does not listen, the plug is pulled.",
            "Without a name: of the one machine that runs.");
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this text.").build());
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
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .arity("0..1")
            .type(String.class)
            .description("The machine.")
            .build());
    return spec;
  }

  static int run(ParseResult parsed) throws CommandException {
    String name = parsed.matchedPositionalValue(0, "");
    if (!name.isEmpty() && !MachineFolder.isName(name)) {
      throw CommandLineSpec.usage("'%s' cannot be a machine's name".formatted(name));
    }
    String timeout = parsed.matchedOptionValue(TIMEOUT, "");
    String patience = timeout.isEmpty() ? "" : " " + RunSpec.seconds(TIMEOUT, timeout);
    RunningMachine machine = find(ControlSocket.folder(), name);
    boolean isForced = parsed.hasMatchedOption(FORCE);
    String request = isForced ? StopService.PULL_PLUG : StopService.SHUT_DOWN + patience;
    ask(machine, request)
        .filter(answer -> !answer.isEmpty())
        .ifPresent(answer -> System.out.println(machine.name() + ": " + answer));
    awaitEnd(machine);
    return ExitCode.OK;
  }

  /** The machine pulls its plug itself in the end. */
  private static void awaitEnd(RunningMachine machine) throws CommandException {
    try {
      while (ask(machine, StopService.PRESENT).isPresent()) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.LEFT, "stopped waiting for " + machine.name());
    }
  }

  private static Optional<String> ask(RunningMachine machine, String request)
      throws CommandException {
    try {
      return machine.ask(StopService.WORD, request);
    } catch (MachineRefusal refusal) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(refusal.getMessage()));
    }
  }

  /**
   * Finds the last machine of a name.
   *
   * @param name empty for that of the one machine that runs
   */
  static RunningMachine find(Path folder, String name) throws CommandException {
    Map<String, RunningMachine> found = new TreeMap<>();
    try {
      for (RunningMachine machine : RunningMachine.all(folder)) {
        boolean isWanted = name.isEmpty() || name.equals(machine.name());
        if (isWanted && !found.containsKey(machine.name()) && isThere(machine)) {
          found.put(machine.name(), machine);
        }
      }
    } catch (IOException failure) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
    if (found.isEmpty()) {
      throw new CommandException(
          ExitCode.UNAVAILABLE,
          name.isEmpty() ? "no machine runs" : "no machine '%s' runs".formatted(name));
    }
    if (found.size() > 1) {
      throw CommandLineSpec.usage("which machine? There are: " + String.join(", ", found.keySet()));
    }
    return found.values().iterator().next();
  }

  private static boolean isThere(RunningMachine machine) throws MachineRefusal {
    try {
      return machine.ask(StopService.WORD, StopService.PRESENT).isPresent();
    } catch (MachineSilence stopped) {
      // It is there, and says so when it is asked to stop.
      return true;
    }
  }
}
