package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;

/**
 * How long programs of Debian take for work of some seconds, start-up of the program included, in
 * Maloca and in QEMU with TCG. Each has a guest of its own.
 */
public final class ProgramsBench {
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  /** The file system is in memory, and some programs want memory besides. */
  private static final int MEMORY_MEBIBYTES = 1536;

  private final BenchOptions options;
  private final Path folder;

  private ProgramsBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints; ends with status 1 when a result was wrong or missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new ProgramsBench(options, folder).run());
  }

  private boolean run() throws IOException, InterruptedException, BenchException, GuestException {
    Path root = Repository.root();
    Path sources = root.resolve("guests/bench");
    List<Program> programs = Program.all(sources);
    List<Program> chosen = programs.stream().filter(one -> options.wants(one.row())).toList();
    if (chosen.isEmpty()) {
      throw new BenchException(
          "there are: " + String.join(", ", programs.stream().map(Program::name).toList()));
    }
    LinuxGuest linux = DebianLinuxGuest.ofUser().provide(false, System.err::println);
    Path init = folder.resolve("init");
    Gcc.compile(sources.resolve("programs"), init);
    Path kept = Files.createDirectories(root.resolve("bench/target/programs"));
    ProgramGuest guest = new ProgramGuest(init, kept, System.err::println);
    Comparison comparison = Comparison.start(options);
    for (Program program : chosen) {
      Path initrd = folder.resolve("initrd.cpio");
      guest.writeInitrd(program, initrd);
      String commandLine = GuestBoot.COMMAND_LINE + " -- " + program.name();
      comparison.measure(
          new GuestBoot(linux.kernel(), initrd, commandLine, 1, MEMORY_MEBIBYTES),
          List.of(new RowTimes(program.row(), null)),
          PATIENCE);
    }
    return comparison.finish();
  }
}
