package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.MachineRefusal;
import org.maloca.cli.control.MachineSilence;
import org.maloca.cli.control.RunningMachine;
import org.maloca.cli.guest.MachineFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca port}: the port forwards of a machine that runs. */
final class PortCommand {
  static final String NAME = "port";

  private static final String PUBLISH = "--publish";
  private static final String REMOVE = "--remove";

  private PortCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Shows, adds and removes the port forwards of a machine that runs.",
            "Without a name: of the one machine that runs. Connections that are open stay.");
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this text.").build());
    spec.addOption(
        OptionSpec.builder("-p", PUBLISH)
            .paramLabel("[ADDR:]HOST:GUEST[/tcp|/udp]")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("Forward a port of the host to the guest, as for 'maloca run'.")
            .build());
    spec.addOption(
        OptionSpec.builder(REMOVE)
            .paramLabel("[ADDR:]HOST[/tcp|/udp]")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("Forward a port of the host no longer.")
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
    List<String> requests = new ArrayList<>();
    List<String> removed = parsed.matchedOptionValue(REMOVE, List.of());
    removed.forEach(text -> requests.add(PortForwards.REMOVE + text));
    List<String> added = parsed.matchedOptionValue(PUBLISH, List.of());
    added.forEach(text -> requests.add(PortForwards.ADD + text));
    if (requests.isEmpty()) {
      requests.add(PortForwards.LIST);
    }
    String name = parsed.matchedPositionalValue(0, "");
    if (!name.isEmpty() && !MachineFolder.isName(name)) {
      throw CommandLineSpec.usage("'%s' cannot be a machine's name".formatted(name));
    }
    RunningMachine machine = find(ControlSocket.folder(), name);
    for (String request : requests) {
      String answer = ask(machine, request);
      if (!answer.isEmpty()) {
        System.out.println(answer);
      }
    }
    return ExitCode.OK;
  }

  private static String ask(RunningMachine machine, String request) throws CommandException {
    try {
      return machine
          .ask(PortForwards.WORD, request)
          .orElseThrow(() -> nobody("'%s' ".formatted(machine.name())));
    } catch (MachineRefusal refusal) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(refusal.getMessage()));
    }
  }

  private static CommandException nobody(String name) {
    return new CommandException(
        ExitCode.UNAVAILABLE, "no machine %swith a network runs".formatted(name));
  }

  /**
   * Finds the last machine of a name.
   *
   * @param name empty for that of the one machine that runs
   */
  static RunningMachine find(Path folder, String name) throws CommandException {
    Map<String, RunningMachine> found = new TreeMap<>();
    String silence = "";
    try {
      for (RunningMachine machine : RunningMachine.all(folder)) {
        boolean isWanted = name.isEmpty() || name.equals(machine.name());
        try {
          if (isWanted && !found.containsKey(machine.name()) && hasNetwork(machine)) {
            found.put(machine.name(), machine);
          }
        } catch (MachineSilence stopped) {
          silence = String.valueOf(stopped.getMessage());
        }
      }
    } catch (IOException failure) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
    if (found.isEmpty()) {
      throw silence.isEmpty()
          ? nobody(name.isEmpty() ? "" : "'%s' ".formatted(name))
          : new CommandException(ExitCode.UNAVAILABLE, silence);
    }
    if (found.size() > 1) {
      throw CommandLineSpec.usage("which machine? There are: " + String.join(", ", found.keySet()));
    }
    return found.values().iterator().next();
  }

  private static boolean hasNetwork(RunningMachine machine) throws MachineSilence {
    try {
      return machine.ask(PortForwards.WORD, PortForwards.LIST).isPresent();
    } catch (MachineSilence stopped) {
      throw stopped;
    } catch (MachineRefusal notReady) {
      return true;
    }
  }
}
