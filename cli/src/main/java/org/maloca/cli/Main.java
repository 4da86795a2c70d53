package org.maloca.cli;

import java.io.PrintWriter;
import java.util.Set;
import org.maloca.cli.disk.DiskCommand;
import org.maloca.cli.disk.DiskCommandException;
import org.maloca.machine.lifecycle.Vm;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code maloca} command. */
public final class Main {
  private Main() {}

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs the command; complaints are one line on stderr. */
  static int run(String[] args) {
    try {
      return dispatch(args);
    } catch (CommandException problem) {
      System.err.println("maloca: " + problem.getMessage());
      return problem.exitCode();
    }
  }

  private static int dispatch(String[] args) throws CommandException {
    if (args.length > 0 && args[0].equals(CommandLineSpec.RUN)) {
      Vm.prepare();
    }
    CommandLine root = CommandLineSpec.create(args);
    ParseResult parsed;
    try {
      parsed = root.parseArgs(args);
    } catch (ParameterException wrong) {
      throw CommandLineSpec.usage(complaint(wrong));
    }
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    if (last.isUsageHelpRequested()) {
      last.commandSpec().commandLine().usage(System.out);
      return ExitCode.OK;
    }
    if (parsed.isVersionHelpRequested()) {
      System.out.println("maloca " + version());
      return ExitCode.OK;
    }
    if (!parsed.hasSubcommand()) {
      root.usage(System.err);
      return ExitCode.USAGE;
    }
    ParseResult command = parsed.subcommand();
    return switch (command.commandSpec().name()) {
      case CommandLineSpec.RUN -> RunCommand.run(RunSpec.options(command));
      case CommandLineSpec.DISK -> disk(command);
      case SshCommand.NAME -> SshCommand.run(command);
      case PortCommand.NAME -> PortCommand.run(command);
      case ListCommand.NAME -> ListCommand.run();
      case PauseCommand.NAME -> PauseCommand.run(command, PauseService.HOLD);
      case PauseCommand.RESUME -> PauseCommand.run(command, PauseService.RELEASE);
      case StopCommand.NAME -> StopCommand.run(command);
      case BalloonCommand.NAME -> BalloonCommand.run(command);
      case CdromCommand.NAME -> CdromCommand.run(command);
      case ImageCommand.NAME -> ImageCommand.run(command);
      case CommandLineSpec.COMPLETION -> complete(root);
      default -> help(root, command.matchedPositionalValue(0, ""));
    };
  }

  private static int disk(ParseResult command) throws CommandException {
    try {
      return DiskCommand.run(command);
    } catch (DiskCommandException problem) {
      throw new CommandException(problem.exitCode(), String.valueOf(problem.getMessage()));
    }
  }

  private static int complete(CommandLine root) {
    PrintWriter out = new PrintWriter(System.out, true);
    out.print(AutoComplete.bash("maloca", root));
    out.flush();
    return ExitCode.OK;
  }

  private static int help(CommandLine root, String topic) throws CommandException {
    CommandLine about = topic.isEmpty() ? root : root.getSubcommands().get(topic);
    if (about == null) {
      Set<String> known = root.getSubcommands().keySet();
      throw CommandLineSpec.usage(
          "there is no command '%s'%s (there are: %s)"
              .formatted(topic, Nearest.suggestion(topic, known), String.join(", ", known)));
    }
    about.usage(System.out);
    return ExitCode.OK;
  }

  /** What was wrong, what may have been meant, and where to read on. */
  private static String complaint(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String words =
        String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong usage").strip();
    String nearest = "";
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      String typed = unmatched.getUnmatched().getFirst();
      boolean isOption = typed.startsWith("-");
      String name = typed.replaceFirst("=.*", "");
      words = "%s '%s'".formatted(isOption ? "there is no option" : "there is no command", name);
      nearest =
          Nearest.suggestion(
              name,
              isOption
                  ? command.getCommandSpec().optionsMap().keySet()
                  : command.getSubcommands().keySet());
      if (!isOption && command.getSubcommands().isEmpty()) {
        words = "'%s' is one argument too many".formatted(typed);
      }
    }
    String about = command.getCommandSpec().qualifiedName(" ");
    return "%s%s (see: %s --help)".formatted(words, nearest, about);
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version != null ? version : "(built from source)";
  }
}
