package org.maloca.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Assembles a guest of {@code guests/cpu} with NASM into a flat image. */
final class GuestImage {
  private static final Path SOURCES = sources();

  private GuestImage() {}

  /**
   * Assembles.
   *
   * @param name the source's name without {@code .asm}
   * @throws IOException when NASM is missing or finds an error
   */
  static byte[] assemble(String name) throws IOException, InterruptedException {
    Path image = Files.createTempFile("maloca-" + name, ".bin");
    try {
      Process nasm =
          new ProcessBuilder("nasm", "-f", "bin", "-w-reloc", "-o", image.toString(), name + ".asm")
              .directory(SOURCES.toFile())
              .redirectErrorStream(true)
              .start();
      nasm.getOutputStream().close();
      String words = new String(nasm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (nasm.waitFor() != 0) {
        throw new IOException("nasm refuses " + name + ":\n" + words);
      }
      return Files.readAllBytes(image);
    } finally {
      Files.delete(image);
    }
  }

  /** Maven runs tests in the module's folder, an IDE perhaps in the repository's. */
  private static Path sources() {
    Path above = Path.of("..", "guests", "cpu");
    return Files.isDirectory(above) ? above : Path.of("guests", "cpu");
  }
}
