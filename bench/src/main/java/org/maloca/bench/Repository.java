package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The working tree, where the launcher and the guests' sources are. */
final class Repository {
  private Repository() {}

  /** Its root, as {@code ./dev} tells it. */
  static Path root() throws BenchException {
    Path root = Path.of(System.getProperty("maloca.root", ".")).toAbsolutePath().normalize();
    if (!Files.isDirectory(root.resolve("guests/bench"))) {
      throw new BenchException(root + " is not Maloca's repository: start this by ./dev bench");
    }
    return root;
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
