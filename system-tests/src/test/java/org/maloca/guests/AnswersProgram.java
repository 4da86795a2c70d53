package org.maloca.guests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The program of {@code guests/linux}, compiled by the host's gcc, and what it prints on silicon.
 */
enum AnswersProgram {
  LONG_MODE("answers64", "-m64", "-mcx16"),
  COMPATIBILITY_MODE("answers32", "-m32", "-mfpmath=sse");

  private static final List<String> FLAGS =
      List.of("-std=gnu11", "-O1", "-static", "-pthread", "-msse4.2", "-maes", "-mpclmul");

  private final String fileName;
  private final List<String> widthFlags;

  AnswersProgram(String fileName, String... widthFlags) {
    this.fileName = fileName;
    this.widthFlags = List.of(widthFlags);
  }

  /** Its name in the guest. */
  String fileName() {
    return fileName;
  }

  /**
   * Compiles it.
   *
   * @return whether the host can
   */
  boolean compile(Path target) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("gcc"));
    command.addAll(FLAGS);
    command.addAll(widthFlags);
    command.addAll(List.of("-o", target.toString()));
    try (Stream<Path> sources = Files.list(sourceFolder())) {
      sources.map(Path::toString).filter(name -> name.endsWith(".c")).forEach(command::add);
    }
    command.add("-lm");
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException noCompiler) {
      return false;
    }
    String complaints =
        new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean compiled = compiler.waitFor() == 0;
    if (!compiled
        && !complaints.contains("cannot find -l")
        && !complaints.contains("No such file")
        && !complaints.contains("unrecognized command")) {
      throw new AssertionError(fileName + " does not compile:\n" + complaints);
    }
    return compiled;
  }

  private static Path sourceFolder() {
    Path above = Path.of("..", "guests", "linux");
    return Files.isDirectory(above) ? above : Path.of("guests", "linux");
  }

  /** What each computation prints, by its name. */
  static Map<String, String> answers() throws IOException {
    Map<String, String> answers = new LinkedHashMap<>();
    String name = "";
    for (String line : resource("answers.txt").lines().toList()) {
      if (line.startsWith("[")) {
        name = line.substring(1, line.length() - 1);
      } else {
        answers.merge(name, line, (before, next) -> before + "\n" + next);
      }
    }
    return answers;
  }

  static String resource(String name) throws IOException {
    try (InputStream stream = AnswersProgram.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("no resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
