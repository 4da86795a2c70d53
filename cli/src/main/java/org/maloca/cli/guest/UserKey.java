package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The ssh key that Maloca makes for its user, with which it is let into machines from cloud images.
 *
 * @param file the private key
 * @param publicLine as in {@code authorized_keys}
 */
public record UserKey(Path file, String publicLine) {
  private static final String NAME = "id_ed25519";

  /** The user's key, made when there is none. */
  public static UserKey ofUser() throws GuestException {
    return in(DataFolder.locate().resolve("keys"));
  }

  static UserKey in(Path folder) throws GuestException {
    Path file = folder.resolve(NAME);
    Path publicFile = folder.resolve(NAME + ".pub");
    try {
      if (!Files.exists(file) || !Files.exists(publicFile)) {
        Files.createDirectories(folder);
        try (FolderLock lock = FolderLock.take(folder, Progress.SILENT)) {
          assert lock.isValid();
          if (!Files.exists(file) || !Files.exists(publicFile)) {
            write(folder, OpenSshKey.generate("maloca"));
          }
        }
      }
      return new UserKey(file, Files.readString(publicFile).strip());
    } catch (IOException failure) {
      throw new GuestException(
          "could not make an ssh key in %s: %s".formatted(folder, failure), failure);
    }
  }

  /** Writes a pair of files, the private one last and for nobody else to read. */
  static void write(Path folder, OpenSshKey key) throws IOException {
    Files.writeString(folder.resolve(NAME + ".pub"), key.publicLine());
    // Temporary files are their owner's alone.
    Path next = Files.createTempFile(folder, ".key", null);
    Files.writeString(next, key.privateFile());
    Files.move(next, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }
}
