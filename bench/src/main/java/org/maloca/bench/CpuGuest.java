package org.maloca.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The guests of {@code guests/bench}, what each is about, and the result that its rounds print. The
 * sources tell what they compute.
 */
enum CpuGuest {
  COLLATZ("shifts, adds, branches", 0xffb3e8L),
  SIEVE("strided byte stores", 0x4520aL),
  SHA256("rotates, long blocks", 0x3820a0cf7489fda4L),
  CHASE("loads that depend on loads", 0x1066800L),
  FIBONACCI("calls and returns", 0x213d05L),
  INDIRECT("calls through a table", 0x728525255c8f9ebbL),
  COPY("rep movsb, rep movsq", 0xf573c8a468219b67L),
  BYTES("byte loads and stores", 0x1530c66fdb9b35d6L),
  SPREAD("4000 functions in turn", 0x3bf7bea2L);

  private final String about;
  private final long result;

  CpuGuest(String about, long result) {
    this.about = about;
    this.result = result;
  }

  /** As on command lines and in file names. */
  String title() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  String about() {
    return about;
  }

  /** Assembles it into {@code folder}. */
  Path assemble(Path sources, Path folder)
      throws IOException, InterruptedException, BenchException {
    Path image = folder.resolve(title() + ".elf");
    Process nasm;
    try {
      nasm =
          new ProcessBuilder("nasm", "-f", "bin", "-o", image.toString(), title() + ".asm")
              .directory(sources.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException missing) {
      throw new BenchException("nasm is needed to make the guests: install it");
    }
    String words = new String(nasm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (nasm.waitFor() != 0) {
      throw new BenchException("nasm refuses %s: %s".formatted(title(), words));
    }
    return image;
  }

  /** Checks what a round has printed. */
  void check(String printed) throws BenchException {
    if (!printed.equals("%016x".formatted(result))) {
      throw new BenchException(
          "%s computed %s, right is %016x".formatted(title(), printed, result));
    }
  }
}
