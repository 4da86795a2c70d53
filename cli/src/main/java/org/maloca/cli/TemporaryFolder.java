package org.maloca.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A folder for files that are needed for a moment. */
final class TemporaryFolder {
  private TemporaryFolder() {}

  static Path create() throws CommandException {
    try {
      return Files.createTempDirectory("maloca-");
    } catch (IOException full) {
      throw new CommandException(
          ExitCode.UNAVAILABLE, "cannot make a temporary folder: " + full.getMessage());
    }
  }

  /** Deletes it and the files in it, unless that was done before. */
  static void delete(@Nullable Path folder) {
    if (folder == null || !Files.exists(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException inUse) {
      // Where open files cannot be deleted it is tried again at the end.
      System.getLogger(TemporaryFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "delete", inUse);
    }
  }
}
