package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A script of {@code guests/bench/programs} that has a program work. Comments at its top tell what
 * it needs: {@code # packages: NAME ...} of Debian; {@code # text: N} MiB of sample text as
 * /data/text; {@code # with: PATH ...} of further files and folders below guests/bench; {@code #
 * group: NAME} in place of {@code programs}. Files that differ from it in their extension only go
 * with it.
 *
 * @param files what is to stand under /program in the guest
 */
record Program(
    String name, Group group, List<String> packages, int textMebibytes, List<Path> files) {
  private static final String EXTENSION = ".sh";

  /** Reads all scripts of the folder {@code programs} below {@code sources}. */
  static List<Program> all(Path sources) throws IOException, BenchException {
    List<Path> scripts;
    try (Stream<Path> files = Files.list(sources.resolve("programs"))) {
      scripts = files.filter(file -> file.toString().endsWith(EXTENSION)).sorted().toList();
    }
    List<Program> programs = new ArrayList<>();
    for (Path script : scripts) {
      programs.add(read(sources, script));
    }
    return programs;
  }

  private static Program read(Path sources, Path script) throws IOException, BenchException {
    String fileName = script.getFileName().toString();
    String name = fileName.substring(0, fileName.length() - EXTENSION.length());
    List<String> lines = Files.readAllLines(script);
    List<String> packages = words(lines, "packages");
    if (packages.isEmpty()) {
      throw new BenchException(fileName + " does not tell its packages");
    }
    List<String> text = words(lines, "text");
    List<String> group = words(lines, "group");
    return new Program(
        name,
        group.isEmpty() ? Group.PROGRAMS : Group.of(group.getFirst()),
        packages,
        text.isEmpty() ? 0 : Integer.parseInt(text.getFirst()),
        files(sources, script, words(lines, "with")));
  }

  private static List<String> words(List<String> lines, String key) {
    String start = "# " + key + ": ";
    return lines.stream()
        .takeWhile(line -> line.startsWith("#"))
        .filter(line -> line.startsWith(start))
        .flatMap(line -> Stream.of(line.substring(start.length()).strip().split(" +")))
        .toList();
  }

  private static List<Path> files(Path sources, Path script, List<String> others)
      throws IOException {
    String stem = script.getFileName().toString().replaceFirst("[.][^.]*$", ".");
    try (Stream<Path> siblings = Files.list(script.getParent())) {
      return Stream.concat(
              siblings.filter(file -> file.getFileName().toString().startsWith(stem)),
              others.stream().map(sources::resolve))
          .sorted()
          .toList();
    }
  }

  Row row() {
    return new Row(group, name);
  }
}
