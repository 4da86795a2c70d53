package org.maloca.fuzz.guided;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs what the fuzzer begins with, and what it once found, without Jazzer. */
class CorpusTest {
  private static final LoggedFaults FAULTS = LoggedFaults.listen();
  private static final Path CORPUS = Path.of("corpus");

  static List<String> names() {
    return Targets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void targetsTakeTheirSeeds(String name) throws IOException {
    try (FuzzTarget target = Targets.open(name)) {
      long accepted = 0;
      for (byte[] seed : target.seeds()) {
        accepted += target.run(seed);
        FAULTS.rethrow();
      }
      assertTrue(accepted > 0, "nothing was accepted");
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatWasFoundIsMended(String name) throws IOException {
    try (FuzzTarget target = Targets.open(name)) {
      for (Path input : inputs(name)) {
        long ignored = target.run(Files.readAllBytes(input));
        FAULTS.rethrow();
      }
    }
  }

  private static List<Path> inputs(String name) throws IOException {
    Path folder = CORPUS.resolve(name);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** What was found lies in folders of targets' names; none where nothing was. */
  @Test
  void allOfTheCorpusIsUsed() throws IOException {
    List<String> unknown = new ArrayList<>();
    if (Files.isDirectory(CORPUS)) {
      try (Stream<Path> folders = Files.list(CORPUS)) {
        folders.map(folder -> folder.getFileName().toString()).forEach(unknown::add);
      }
    }
    unknown.removeAll(Targets.names());

    assertEquals(List.of(), unknown);
  }
}
