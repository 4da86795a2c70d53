package org.maloca.fuzz.share;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A folder that is shared with a guest, made anew for each input, and what lies beside it: a file
 * that must stay as it is, and nothing else.
 */
public final class SharedPlace implements AutoCloseable {
  private static final String SECRET = "nobody's business";

  private final Path place = Files.createTempDirectory("maloca-share");
  private final Path secret = place.resolve("secret");
  private final Path folder = place.resolve("shared");

  /** Makes it. */
  public SharedPlace() throws IOException {
    Files.writeString(secret, SECRET);
  }

  /** The shared folder. */
  public Path folder() {
    return folder;
  }

  /** Makes the folder, with a file, a folder and a link that leads out of it. */
  public void fill() throws IOException {
    Files.createDirectories(folder.resolve("d"));
    Files.writeString(folder.resolve("a"), "content");
    Files.createSymbolicLink(folder.resolve("l"), secret);
  }

  /** Looks after what is beside the folder, and deletes the folder. */
  public void checkAndClear() throws IOException {
    if (!Files.readString(secret).equals(SECRET)) {
      throw new IllegalStateException("a file outside was changed");
    }
    try (Stream<Path> names = Files.list(place)) {
      if (names.count() != 2) {
        throw new IllegalStateException("something was made outside the folder");
      }
    }
    delete(folder);
  }

  private static void delete(Path tree) throws IOException {
    if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
      boolean ignored =
          tree.toFile().setWritable(true)
              && tree.toFile().setExecutable(true)
              && tree.toFile().setReadable(true);
      try (Stream<Path> names = Files.list(tree)) {
        for (Path name : names.toList()) {
          delete(name);
        }
      }
    }
    Files.deleteIfExists(tree);
  }

  @Override
  public void close() throws IOException {
    delete(place);
  }
}
