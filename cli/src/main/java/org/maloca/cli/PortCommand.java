package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
    Path socket = name.isEmpty() ? onlyMachine() : MachineSocket.of(checked(name));
    for (String request : requests) {
      try {
        String answer = MachineSocket.ask(socket, request);
        if (!answer.isEmpty()) {
          System.out.println(answer);
        }
      } catch (MachineSocket.MachineRefusal refusal) {
        throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(refusal.getMessage()));
      } catch (IOException | UnsupportedOperationException nobody) {
        throw new CommandException(
            ExitCode.UNAVAILABLE,
            "no machine '%s' with a network runs".formatted(socket.getFileName()));
      }
    }
    return ExitCode.OK;
  }

  private static String checked(String name) throws CommandException {
    if (!MachineFolder.isName(name)) {
      throw CommandLineSpec.usage("'%s' cannot be a machine's name".formatted(name));
    }
    return name;
  }

  private static Path onlyMachine() throws CommandException {
    if (!Files.isDirectory(MachineSocket.folder())) {
      throw new CommandException(ExitCode.UNAVAILABLE, "no machine with a network runs");
    }
    try (Stream<Path> files = Files.list(MachineSocket.folder())) {
      List<Path> all = files.sorted().filter(PortCommand::isAnswered).toList();
      if (all.isEmpty()) {
        throw new CommandException(ExitCode.UNAVAILABLE, "no machine with a network runs");
      }
      if (all.size() > 1) {
        throw CommandLineSpec.usage(
            "which machine? There are: "
                + String.join(", ", all.stream().map(each -> "" + each.getFileName()).toList()));
      }
      return all.getFirst();
    } catch (IOException failure) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
  }

  /** A machine that was killed has left its socket behind. */
  private static boolean isAnswered(Path socket) {
    try {
      MachineSocket.ask(socket, PortForwards.LIST);
      return true;
    } catch (MachineSocket.MachineRefusal notReady) {
      return true;
    } catch (IOException | UnsupportedOperationException nobody) {
      return false;
    }
  }
}
