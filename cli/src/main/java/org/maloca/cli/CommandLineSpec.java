package org.maloca.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.maloca.cli.disk.DiskCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The options of the command. Built by calls rather than annotations, which take longer to read.
 */
final class CommandLineSpec {
  static final String RUN = "run";
  static final String DISK = "disk";
  static final String HELP = "help";
  static final String COMPLETION = "completion";

  private static final Map<String, Supplier<CommandLine>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put(RUN, () -> new CommandLine(RunSpec.spec()));
    COMMANDS.put(DISK, () -> new CommandLine(DiskCommand.spec()));
    COMMANDS.put(ImageCommand.NAME, () -> new CommandLine(ImageCommand.spec()));
    COMMANDS.put(SshCommand.NAME, SshCommand::command);
    COMMANDS.put(PortCommand.NAME, () -> new CommandLine(PortCommand.spec()));
    COMMANDS.put(ListCommand.NAME, () -> new CommandLine(ListCommand.spec()));
    COMMANDS.put(PauseCommand.NAME, () -> new CommandLine(PauseCommand.spec()));
    COMMANDS.put(PauseCommand.RESUME, () -> new CommandLine(PauseCommand.resumeSpec()));
    COMMANDS.put(StopCommand.NAME, () -> new CommandLine(StopCommand.spec()));
    COMMANDS.put(CdromCommand.NAME, () -> new CommandLine(CdromCommand.spec()));
    COMMANDS.put(BalloonCommand.NAME, () -> new CommandLine(BalloonCommand.spec()));
    COMMANDS.put(COMPLETION, () -> new CommandLine(completion()));
    COMMANDS.put(HELP, () -> new CommandLine(help()));
  }

  private CommandLineSpec() {}

  /**
   * Makes the command line for such arguments: of a command that is named, nothing but that, since
   * to describe all takes longer than to run many of them.
   */
  static CommandLine create(String... arguments) {
    CommandSpec root = CommandSpec.create().name("maloca");
    root.usageMessage().description("Runs operating systems for x86-64 PCs in virtual machines.");
    root.addOption(helpOption());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the version.")
            .build());
    Supplier<CommandLine> wanted = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
    if (wanted != null && !arguments[0].equals(HELP) && !arguments[0].equals(COMPLETION)) {
      root.addSubcommand(arguments[0], wanted.get());
    } else {
      COMMANDS.forEach((name, command) -> root.addSubcommand(name, command.get()));
    }
    CommandLine commandLine = new CommandLine(root);
    commandLine.setExpandAtFiles(false);
    return commandLine;
  }

  /** What every command has. */
  static OptionSpec helpOption() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show this text.")
        .build();
  }

  private static CommandSpec help() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description("Show help, also that of a command.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .arity("0..1")
            .type(String.class)
            .build());
    return spec;
  }

  private static CommandSpec completion() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description("Print completion for bash and zsh: source <(maloca completion)");
    return spec;
  }

  static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }
}
