package org.maloca.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.control.MachineRefusal;
import org.maloca.cli.control.RunningMachine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca list}: the user's machines that run. */
final class ListCommand {
  static final String NAME = "list";

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private ListCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Lists the machines of this user that run, the last that was started first: name,"
                + " start, and whether they run, are paused or do not answer.");
    spec.addOption(CommandLineSpec.helpOption());
    return spec;
  }

  static int run() throws CommandException {
    try {
      print(ControlSocket.folder(), System.out);
    } catch (IOException failure) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
    return ExitCode.OK;
  }

  /** Lists those of a folder; nothing if there are none. */
  static void print(Path folder, PrintStream out) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (RunningMachine machine : RunningMachine.all(folder)) {
      String state = state(machine);
      if (!state.isEmpty()) {
        Instant started = Instant.ofEpochMilli(machine.number());
        rows.add(
            new String[] {
              machine.name(), TIME.format(started.atZone(ZoneId.systemDefault())), state
            });
      }
    }
    if (rows.isEmpty()) {
      return;
    }
    rows.addFirst(new String[] {"NAME", "STARTED", "STATE"});
    int width = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
    for (String[] row : rows) {
      out.printf("%-" + width + "s  %-19s  %s%n", row[0], row[1], row[2]);
    }
  }

  /** Nothing of a machine that is gone. */
  private static String state(RunningMachine machine) {
    try {
      return machine.ask(PauseService.WORD, PauseService.STATE).orElse("");
    } catch (MachineRefusal silence) {
      return "does not answer";
    }
  }
}
