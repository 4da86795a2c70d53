package org.maloca.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Guests in assembly: sources in a folder of {@code guests}, images made by NASM. */
public final class BareGuest {
  private BareGuest() {}

  /**
   * Assembles a guest.
   *
   * @param source path of the source below {@code guests}, as {@code smp/litmus.asm}
   * @param definitions what NASM is to define before it reads the source
   * @param image the file to write
   * @throws IOException when NASM is missing or finds an error
   */
  public static void assemble(String source, Map<String, ?> definitions, Path image)
      throws IOException, InterruptedException {
    Path file = guests().resolve(source);
    List<String> command = new ArrayList<>(List.of("nasm", "-f", "bin", "-o", image.toString()));
    definitions.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.add(file.getFileName().toString());
    Process nasm =
        new ProcessBuilder(command)
            .directory(Objects.requireNonNull(file.getParent()).toFile())
            .redirectErrorStream(true)
            .start();
    nasm.getOutputStream().close();
    String words = new String(nasm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (nasm.waitFor() != 0) {
      throw new IOException("nasm refuses " + source + ":\n" + words);
    }
  }

  /**
   * Their folder: Maven runs tests in the module's folder; {@code ./dev} tells the repository's.
   */
  static Path guests() {
    Path above = Path.of("..", "guests").toAbsolutePath();
    Path told = Path.of(System.getProperty("maloca.root", ".")).resolve("guests").toAbsolutePath();
    return Files.isDirectory(told) ? told : above;
  }
}
