package org.maloca.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The host's C compiler, which makes the guests' own programs. */
final class Gcc {
  /** Static, since guests need not have a C library; optimized as packages of Debian are. */
  private static final List<String> FLAGS =
      List.of("-std=gnu11", "-m64", "-O2", "-fno-math-errno", "-static", "-pthread");

  private Gcc() {}

  /** Compiles all C files of a folder into one program. */
  static void compile(Path folder, Path program)
      throws IOException, InterruptedException, BenchException {
    List<String> command = new ArrayList<>(List.of("gcc"));
    command.addAll(FLAGS);
    command.addAll(List.of("-o", program.toString()));
    try (Stream<Path> files = Files.list(folder)) {
      files.map(Path::toString).filter(name -> name.endsWith(".c")).sorted().forEach(command::add);
    }
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      throw new BenchException("gcc is needed to make the guests: install gcc and libc6-dev");
    }
    String words = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      throw new BenchException("gcc refuses %s: %s".formatted(folder, words));
    }
  }
}
