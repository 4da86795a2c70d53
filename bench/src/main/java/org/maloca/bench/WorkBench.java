package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;

/**
 * How long user programs' work of all kinds takes on a Debian kernel in Maloca, against the same
 * guest in QEMU with TCG. Each group of rows has a guest of its own, so that none depends on what
 * another has left in caches.
 */
public final class WorkBench {
  /** A row takes a second in TCG. */
  private static final Duration ROW_PATIENCE = Duration.ofMinutes(1);

  private static final int MEMORY_MEBIBYTES = 512;

  private final BenchOptions options;
  private final Path folder;

  private WorkBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints; ends with status 1 when a result was wrong or missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new WorkBench(options, folder).run());
  }

  private boolean run() throws IOException, InterruptedException, BenchException, GuestException {
    LinuxGuest guest = DebianLinuxGuest.ofUser().provide(false, System.err::println);
    Path sources = Repository.root().resolve("guests/bench/work");
    WorkProgram program = WorkProgram.compile(sources, folder);
    List<Row> rows = program.rows();
    List<Row> chosen = rows.stream().filter(options::wants).toList();
    if (chosen.isEmpty()) {
      throw new BenchException(
          "there are: " + String.join(", ", rows.stream().map(Row::name).toList()));
    }
    Comparison comparison = Comparison.start(options);
    Map<String, String> checksums = program.checksums(chosen);
    Path initrd = folder.resolve("work.cpio");
    program.writeInitrd(initrd);
    for (Group group : Group.values()) {
      List<Row> members = chosen.stream().filter(row -> row.group() == group).toList();
      if (!members.isEmpty()) {
        GuestBoot boot =
            new GuestBoot(
                guest.kernel(),
                initrd,
                WorkProgram.commandLine(members),
                group == Group.THREADS ? 2 : 1,
                MEMORY_MEBIBYTES);
        List<RowTimes> times = new ArrayList<>();
        members.forEach(row -> times.add(new RowTimes(row, checksums.get(row.name()))));
        comparison.measure(boot, times, ROW_PATIENCE);
      }
    }
    return comparison.finish();
  }
}
