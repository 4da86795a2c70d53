package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageInUseException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca disk}: finds the command that was meant and turns its failures into one line. */
public final class DiskCommand {
  private static final Map<String, Entry> COMMANDS = commands();

  private DiskCommand() {}

  private static Map<String, Entry> commands() {
    Map<String, Entry> commands = new LinkedHashMap<>();
    commands.put("create", new Entry(CreateCommand::spec, CreateCommand::run));
    commands.put("info", new Entry(InfoCommand::spec, InfoCommand::run));
    commands.put("check", new Entry(CheckCommand::spec, CheckCommand::run));
    commands.put("repair", new Entry(CheckCommand::repairSpec, CheckCommand::runRepair));
    commands.put("convert", new Entry(ConvertCommand::spec, ConvertCommand::run));
    commands.put("resize", new Entry(ResizeCommand::spec, ResizeCommand::run));
    commands.put("limit", new Entry(LimitCommand::spec, LimitCommand::run));
    commands.put("snapshot", new Entry(SnapshotCommand::spec, SnapshotCommand::run));
    commands.put("map", new Entry(MapCommand::spec, MapCommand::run));
    commands.put("commit", new Entry(CommitCommand::spec, CommitCommand::run));
    commands.put("rebase", new Entry(RebaseCommand::spec, RebaseCommand::run));
    commands.put("compare", new Entry(CompareCommand::spec, CompareCommand::run));
    commands.put("bench", new Entry(BenchCommand::spec, BenchCommand::run));
    return commands;
  }

  /** The command with all of its own. */
  public static CommandSpec spec() {
    CommandSpec spec = new DiskOptions("Makes, looks at, changes and converts disk images.").spec();
    COMMANDS.forEach((name, entry) -> spec.addSubcommand(name, entry.spec().get()));
    return spec;
  }

  /**
   * Runs what was parsed.
   *
   * @return the exit code
   */
  public static int run(ParseResult disk) throws DiskCommandException {
    if (!disk.hasSubcommand()) {
      throw DiskArguments.usage(
          "disk what? (there are: %s)".formatted(String.join(", ", COMMANDS.keySet())));
    }
    ParseResult command = disk.subcommand();
    String name = command.commandSpec().name();
    Entry entry = COMMANDS.get(name);
    if (entry == null) {
      throw new IllegalStateException(name);
    }
    DiskArguments arguments = new DiskArguments(command);
    try {
      return entry.body().run(arguments);
    } catch (ImageInUseException inUse) {
      boolean isTarget =
          name.equals("convert")
              && arguments.path(1, "the new image").toString().equals(inUse.getFile());
      boolean mayShare = !isTarget && command.commandSpec().findOption("--force-share") != null;
      throw new DiskCommandException(
          failureCode(name),
          message(inUse) + (mayShare ? " (--force-share looks at it nevertheless)" : ""));
    } catch (IOException problem) {
      throw new DiskCommandException(failureCode(name), message(problem));
    } catch (IllegalArgumentException
        | UnsupportedOperationException
        | NoSuchElementException wrong) {
      throw new DiskCommandException(failureCode(name), text(wrong));
    } catch (OutOfMemoryError full) {
      throw new DiskCommandException(
          failureCode(name),
          "out of memory: the JVM may take %d MiB (MALOCA_JAVA_OPTS=-Xmx2g lets it take 2 GiB)"
              .formatted(Runtime.getRuntime().maxMemory() >> 20));
    }
  }

  /** A comparison says "different" by what means failure elsewhere. */
  private static int failureCode(String name) {
    return name.equals("compare") ? DiskExitCode.CORRUPT : DiskExitCode.FAILED;
  }

  private static String message(IOException problem) {
    if (problem instanceof FileSystemException failure && failure.getFile() != null) {
      String reason =
          failure.getReason() != null
              ? failure.getReason()
              : switch (failure) {
                case NoSuchFileException missing -> "there is no such file";
                case AccessDeniedException denied -> "permission denied";
                case FileAlreadyExistsException there -> "is there already";
                default -> failure.getClass().getSimpleName();
              };
      return failure.getFile() + ": " + reason;
    }
    return text(problem);
  }

  private static String text(Exception problem) {
    @Nullable String message = problem.getMessage();
    return message == null ? problem.toString() : message;
  }

  private record Entry(Supplier<CommandSpec> spec, Body body) {}

  private interface Body {
    int run(DiskArguments arguments) throws IOException, DiskCommandException;
  }
}
