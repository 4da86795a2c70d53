package org.maloca.cli;

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

  private CommandLineSpec() {}

  static CommandLine create() {
    CommandSpec root = CommandSpec.create().name("maloca");
    root.usageMessage().description("Runs operating systems for x86-64 PCs in virtual machines.");
    root.addOption(helpOption());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the version.")
            .build());
    root.addSubcommand(RUN, RunSpec.spec());
    root.addSubcommand(DISK, DiskCommand.spec());
    root.addSubcommand(ImageCommand.NAME, ImageCommand.spec());
    root.addSubcommand(SshCommand.NAME, SshCommand.command());
    root.addSubcommand(PortCommand.NAME, PortCommand.spec());
    root.addSubcommand(ListCommand.NAME, ListCommand.spec());
    root.addSubcommand(PauseCommand.NAME, PauseCommand.spec());
    root.addSubcommand(PauseCommand.RESUME, PauseCommand.resumeSpec());
    root.addSubcommand(StopCommand.NAME, StopCommand.spec());
    root.addSubcommand(CdromCommand.NAME, CdromCommand.spec());
    root.addSubcommand(BalloonCommand.NAME, BalloonCommand.spec());
    root.addSubcommand(COMPLETION, completion());
    root.addSubcommand(HELP, help());
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
