package org.maloca.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.maloca.cli.guest.CpioArchive;

/** The program of {@code guests/bench/work}, whose rows are work of all kinds. */
final class WorkProgram {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path program;

  private WorkProgram(Path program) {
    this.program = program;
  }

  /** Compiles it into {@code folder}. */
  static WorkProgram compile(Path sources, Path folder)
      throws IOException, InterruptedException, BenchException {
    Path program = folder.resolve("work");
    Gcc.compile(sources, program);
    return new WorkProgram(program);
  }

  /** The rows that it has. */
  List<Row> rows() throws IOException, BenchException {
    List<Row> rows = new ArrayList<>();
    try (TimedProcess process = new TimedProcess(List.of(program.toString(), "--list"), PATIENCE)) {
      for (String line = process.line(); line != null; line = process.line()) {
        String[] words = line.split(" ");
        rows.add(new Row(Group.of(words[0]), words[1]));
      }
    }
    return rows;
  }

  /**
   * What the host's CPU computes in these rows, by their names. Those that need more CPUs than the
   * host has are left out.
   */
  Map<String, String> checksums(List<Row> rows) throws IOException {
    List<String> command = List.of(program.toString(), names(rows));
    return GuestRun.of(command, PATIENCE).rows().stream()
        .map(GuestRun.Measured::measurement)
        .collect(Collectors.toMap(Measurement::name, Measurement::checksum));
  }

  /** Writes an archive in which it is process 1. */
  void writeInitrd(Path target) throws IOException {
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(target)))) {
      archive.directory("dev", 0755);
      archive.directory("proc", 0755);
      archive.characterDevice("dev/console", 0600, 5, 1);
      archive.file("init", 0755, Files.readAllBytes(program));
    }
  }

  /** Has a kernel hand it the names of rows. */
  static String commandLine(List<Row> rows) {
    return GuestBoot.COMMAND_LINE + " -- " + names(rows);
  }

  private static String names(List<Row> rows) {
    return rows.stream().map(Row::name).collect(Collectors.joining(","));
  }
}
