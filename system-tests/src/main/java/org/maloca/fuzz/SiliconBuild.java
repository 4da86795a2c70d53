package org.maloca.fuzz;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compiles {@code silicon-runner.c}, where the host has a C compiler and the right CPU. */
final class SiliconBuild {
  /** Where the runner's image lies: below 4 GiB, which its exit jumps need. */
  static final long IMAGE_ADDRESS = 0x6b6b_0000L;

  private static final String SOURCE = "silicon-runner.c";
  private static final List<String> FLAGS =
      List.of(
          "-O2",
          "-static",
          "-no-pie",
          "-fno-stack-protector",
          "-fcf-protection=none",
          // Far from every address a generated case computes by chance.
          "-Wl,-Ttext-segment=%#x".formatted(IMAGE_ADDRESS));

  private SiliconBuild() {}

  /** Whether cases can run on this host's CPU. */
  static boolean possible() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64")
        && compiler().isPresent();
  }

  /** Builds the runner in {@code folder}. */
  static Path build(Path folder) throws IOException {
    String compiler = compiler().orElseThrow(() -> new IOException("no gcc in PATH"));
    Path source = folder.resolve(SOURCE);
    try (var in = SiliconBuild.class.getResourceAsStream("/" + SOURCE)) {
      if (in != null) {
        Files.write(source, in.readAllBytes());
      } else {
        Files.copy(inWorkingTree(), source);
      }
    }
    Path program = folder.resolve("silicon-runner");
    var command = new ArrayList<String>();
    command.add(compiler);
    command.addAll(FLAGS);
    command.addAll(List.of("-o", program.toString(), source.toString()));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new IOException("the silicon runner does not compile:\n" + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return program;
  }

  private static Path inWorkingTree() throws IOException {
    for (String root : List.of("system-tests/src/main/native", "src/main/native")) {
      Path source = Path.of(root, SOURCE);
      if (Files.exists(source)) {
        return source;
      }
    }
    throw new IOException(SOURCE + " is neither a resource nor in the working tree");
  }

  private static Optional<String> compiler() {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    return List.of(path.split(File.pathSeparator)).stream()
        .map(folder -> Path.of(folder, "gcc"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  static void deleteTree(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
