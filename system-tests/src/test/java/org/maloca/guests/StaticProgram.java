package org.maloca.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Programs of the repository's {@code guests}, compiled by the host's gcc for guests to run. */
final class StaticProgram {
  private StaticProgram() {}

  /**
   * Compiles one.
   *
   * @param source below {@code guests}
   * @return whether the host has a compiler that can
   */
  static boolean compile(String source, Path target) throws IOException, InterruptedException {
    Path above = Path.of("..", "guests");
    Path sources = Files.isDirectory(above) ? above : Path.of("guests");
    try {
      return new ProcessBuilder(
                  "gcc",
                  "-static",
                  "-O1",
                  "-o",
                  target.toString(),
                  sources.resolve(source).toString())
              .inheritIO()
              .start()
              .waitFor()
          == 0;
    } catch (IOException noCompiler) {
      return false;
    }
  }

  /** As {@link #compile}; where that is impossible the test is skipped. */
  static Path provide(String source, Path target) throws IOException, InterruptedException {
    Assumptions.assumeTrue(compile(source, target), "gcc cannot make " + source + " here");
    return target;
  }
}
