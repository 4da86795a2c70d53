package org.maloca.block.disk;

import java.io.IOException;
import java.util.List;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.ImageFormat;

/** The formats there are. */
final class Formats {
  /** In the order in which they are looked for; raw, which everything is, at the end. */
  private static final List<FormatDriver> DRIVERS =
      List.of(
          new Qcow2Driver(),
          new VmdkDriver(),
          new VhdxDriver(),
          new VdiDriver(),
          new VhdDriver(),
          new RawDriver());

  private Formats() {}

  static FormatDriver of(ImageFormat format) {
    for (FormatDriver driver : DRIVERS) {
      if (driver.format() == format) {
        return driver;
      }
    }
    throw new IllegalArgumentException("images of %s are not known".formatted(format.optionName()));
  }

  /** Finds a file's format by its content. */
  static FormatDriver detect(ImageFile file) throws IOException {
    for (FormatDriver driver : DRIVERS) {
      if (driver.matches(file)) {
        return driver;
      }
    }
    throw new IllegalStateException("raw matches everything");
  }
}
