package org.maloca.x86.softfloat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/** Text resources of hexadecimal numbers separated by blanks, one vector a line, # comments. */
final class VectorFile {
  private VectorFile() {}

  static Stream<long[]> lines(String name) {
    try (InputStream in = VectorFile.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(VectorFile::parse);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  private static long[] parse(String line) {
    return Arrays.stream(line.split(" "))
        .mapToLong(field -> Long.parseUnsignedLong(field, 16))
        .toArray();
  }
}
