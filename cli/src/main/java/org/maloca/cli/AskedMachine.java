package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.maloca.cli.control.MachineRefusal;
import org.maloca.cli.control.MachineSilence;
import org.maloca.cli.control.RunningMachine;
import org.maloca.cli.guest.MachineFolder;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A running machine that a command asks for something.
 *
 * @param subject what it is asked about
 */
record AskedMachine(RunningMachine machine, Subject subject) {
  /**
   * What machines may have, to be asked about.
   *
   * @param word for the {@link org.maloca.cli.control.ControlService}
   * @param probe a request that a machine which has it answers and that changes nothing
   * @param name behind "a machine with"; empty for any machine
   */
  record Subject(String word, String probe, String name) {}

  /** The parameter by which commands are told which machine. */
  static PositionalParamSpec nameParameter() {
    return PositionalParamSpec.builder()
        .paramLabel("NAME")
        .arity("0..1")
        .type(String.class)
        .description("The machine.")
        .build();
  }

  /**
   * Finds the last machine of a name.
   *
   * @param folder of all machines' sockets
   * @param name empty for that of the one machine that runs and has what it is asked about
   */
  static AskedMachine find(Path folder, String name, Subject subject) throws CommandException {
    if (!name.isEmpty() && !MachineFolder.isName(name)) {
      throw CommandLineSpec.usage("'%s' cannot be a machine's name".formatted(name));
    }
    Map<String, RunningMachine> found = new TreeMap<>();
    String silence = "";
    try {
      for (RunningMachine machine : RunningMachine.all(folder)) {
        boolean isWanted = name.isEmpty() || name.equals(machine.name());
        try {
          if (isWanted && !found.containsKey(machine.name()) && has(machine, subject)) {
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
          ? nobody(name.isEmpty() ? "" : "'%s' ".formatted(name), subject)
          : new CommandException(ExitCode.UNAVAILABLE, silence);
    }
    if (found.size() > 1) {
      throw CommandLineSpec.usage("which machine? There are: " + String.join(", ", found.keySet()));
    }
    return new AskedMachine(found.values().iterator().next(), subject);
  }

  private static boolean has(RunningMachine machine, Subject subject) throws MachineSilence {
    try {
      return machine.ask(subject.word, subject.probe).isPresent();
    } catch (MachineSilence stopped) {
      throw stopped;
    } catch (MachineRefusal notReady) {
      return true;
    }
  }

  /** Asks it, and waits for the answer. */
  String ask(String request) throws CommandException {
    try {
      return machine
          .ask(subject.word, request)
          .orElseThrow(() -> nobody("'%s' ".formatted(machine.name()), subject));
    } catch (MachineRefusal refusal) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(refusal.getMessage()));
    }
  }

  private static CommandException nobody(String name, Subject subject) {
    return new CommandException(
        ExitCode.UNAVAILABLE,
        subject.name.isEmpty()
            ? "no machine %sruns".formatted(name)
            : "no machine %swith %s runs".formatted(name, subject.name));
  }
}
