package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.maloca.cli.control.ControlSocket;
import org.maloca.cli.guest.MachineFolder;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca ssh}: logs in to a machine that runs, by the host's own ssh. */
final class SshCommand {
  static final String NAME = "ssh";

  private SshCommand() {}

  /** The command; what follows a machine's name is for ssh. */
  static CommandLine command() {
    return new CommandLine(spec()).setStopAtPositional(true);
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Logs in to a machine that 'maloca run debian' or a cloud image started, or runs a"
                + " command there.",
            "Without a name: the one machine that runs. Options for ssh come before the command.");
    spec.addOption(CommandLineSpec.helpOption());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .index("0")
            .arity("0..1")
            .type(String.class)
            .description("The machine.")
            .build());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("ARGUMENT")
            .index("1..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("For ssh: options, then a command.")
            .build());
    return spec;
  }

  /** Runs ssh to its end and answers its exit code. */
  static int run(ParseResult parsed) throws CommandException {
    String name = parsed.matchedPositionalValue(0, "");
    List<String> arguments = parsed.matchedPositionalValue(1, List.of());
    Path settings = name.isEmpty() ? onlyMachine() : machine(name);
    String host = settings.getFileName().toString();
    int options = options(arguments);
    List<String> command = new ArrayList<>(List.of("ssh", "-F", settings.toString()));
    command.addAll(arguments.subList(0, options));
    command.add(host);
    command.addAll(arguments.subList(options, arguments.size()));
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException missing) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "'ssh' is not on this host (Debian: apt install openssh-client)");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return ExitCode.LEFT;
    }
  }

  /** How many of the arguments are options of ssh's own, with their values. */
  private static int options(List<String> arguments) {
    int at = 0;
    while (at < arguments.size() && arguments.get(at).matches("-[A-Za-z0-9].*")) {
      boolean takesNext = arguments.get(at).matches("-[BbcDEeFIiJLlmOopQRSWw]");
      at += takesNext ? 2 : 1;
    }
    return Math.min(at, arguments.size());
  }

  private static Path machine(String name) throws CommandException {
    Path settings = SshLogin.folder().resolve(MachineFolder.isName(name) ? name : "-");
    List<Path> all = running();
    if (!all.contains(settings)) {
      List<String> running = all.stream().map(Path::getFileName).map(Path::toString).toList();
      throw new CommandException(
          ExitCode.UNAVAILABLE,
          "no machine '%s' runs that can be logged in to (%s)"
              .formatted(
                  name,
                  running.isEmpty() ? "none does" : "there are: " + String.join(", ", running)));
    }
    return settings;
  }

  private static Path onlyMachine() throws CommandException {
    List<Path> running = running();
    if (running.isEmpty()) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "no machine runs that can be logged in to (see: maloca help run)");
    }
    if (running.size() > 1) {
      throw CommandLineSpec.usage(
          "which machine? There are: "
              + String.join(
                  ", ", running.stream().map(Path::getFileName).map(Path::toString).toList()));
    }
    return running.getFirst();
  }

  private static List<Path> running() throws CommandException {
    try {
      return AnnouncedLogins.all(SshLogin.folder(), ControlSocket.folder());
    } catch (IOException failure) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
  }
}
