package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Debian that was made, as the name of its folder tells.
 *
 * @param madeMillis when, since 1970
 * @param recipe how; another version of Maloca may make it otherwise
 */
record MadeDebian(Path home, long madeMillis, String recipe) {
  private static final Pattern NAME = Pattern.compile("debian-([0-9]{1,18})-([0-9a-f]+)");

  /** All in a folder, the newest first. */
  static List<MadeDebian> all(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(MadeDebian::of)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparingLong(MadeDebian::madeMillis).reversed())
          .toList();
    }
  }

  private static Optional<MadeDebian> of(Path home) {
    Matcher name = NAME.matcher(String.valueOf(home.getFileName()));
    return name.matches()
        ? Optional.of(new MadeDebian(home, Long.parseLong(name.group(1)), name.group(2)))
        : Optional.empty();
  }

  /** The name for one that is made now, after all others. */
  static Path newHome(Path folder, String recipe) throws IOException {
    long latest = all(folder).stream().mapToLong(MadeDebian::madeMillis).findFirst().orElse(0);
    long now = Math.max(System.currentTimeMillis(), latest + 1);
    return folder.resolve("debian-%d-%s".formatted(now, recipe));
  }

  /** The system in it, whether or not it is complete. */
  DebianSystem system() {
    return DebianSystem.in(home);
  }
}
