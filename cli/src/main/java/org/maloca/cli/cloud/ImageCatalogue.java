package org.maloca.cli.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The images that are known by name, with their vendors' own addresses. Immutable. */
public final class ImageCatalogue {
  private final List<CatalogueEntry> entries;

  public ImageCatalogue(List<CatalogueEntry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** The catalogue that comes with Maloca. */
  public static ImageCatalogue builtIn() {
    try (InputStream stream = ImageCatalogue.class.getResourceAsStream("images.txt")) {
      if (stream == null) {
        throw new IllegalStateException("the image catalogue is missing");
      }
      return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }

  /** Reads lines of {@code NAME | DESCRIPTION | ADDRESS | CHECKSUMS | ALGORITHM | USER}. */
  static ImageCatalogue parse(String text) {
    return new ImageCatalogue(
        text.lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(ImageCatalogue::entry)
            .toList());
  }

  private static CatalogueEntry entry(String line) {
    String[] fields = line.split("\\|", -1);
    if (fields.length != 6) {
      throw new IllegalArgumentException("a catalogue line with " + fields.length + " fields");
    }
    return new CatalogueEntry(
        fields[0].strip(),
        fields[1].strip(),
        URI.create(fields[2].strip()),
        URI.create(fields[3].strip()),
        fields[4].strip(),
        fields[5].strip());
  }

  public List<CatalogueEntry> entries() {
    return entries;
  }

  /** Finds an image by its name. */
  public Optional<CatalogueEntry> find(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }
}
