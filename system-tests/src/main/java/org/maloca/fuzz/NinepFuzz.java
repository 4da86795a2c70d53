package org.maloca.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.NinepServer;

/**
 * Sends a shared folder's server messages that no driver would send, and looks after the host: each
 * message is answered by one whose header is right, what is beside the folder stays as it was, and
 * file descriptors stay below the limit and come back at the end.
 */
public final class NinepFuzz {
  private static final int MAX_FIDS = 200;
  private static final int MAX_FILES = 100;
  private static final int SESSION_MESSAGES = 5000;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final String SECRET = "nobody's business";

  private final Path place;
  private final Path folder;
  private final long seed;

  private NinepFuzz(Path place, long seed) {
    this.place = place;
    this.folder = place.resolve("shared");
    this.seed = seed;
  }

  /**
   * Runs {@code --cases} messages from {@code --seed}; ends with status 1 when one breaks a rule.
   */
  public static void main(String[] arguments) throws IOException {
    FuzzOptions options = FuzzOptions.parse(arguments);
    Path place = Files.createTempDirectory("maloca-9p");
    try {
      long changes = run(place, options.cases(), options.seed());
      System.out.printf(
          "%,d messages from seed %d: %,d did something, none broke a rule%n",
          options.cases(), options.seed(), changes);
    } catch (IllegalStateException broken) {
      System.out.println(broken.getMessage());
      System.exit(1);
    } finally {
      delete(place);
    }
  }

  /**
   * Sends messages to a server of a new folder.
   *
   * @param place an empty folder
   * @return number of messages that were not refused
   * @throws IllegalStateException when the server broke a rule
   */
  static long run(Path place, long messages, long seed) throws IOException {
    return new NinepFuzz(place, seed).run(messages);
  }

  private long run(long messages) throws IOException {
    Files.createDirectory(folder);
    Files.writeString(place.resolve("secret"), SECRET);
    // For its first session the JVM opens the jars that its classes come from.
    long ignored = session(messages, 1);
    long before = descriptors();
    long accepted = 0;
    for (long first = 0; first < messages; first += SESSION_MESSAGES) {
      accepted += session(first, Math.min(messages - first, SESSION_MESSAGES));
      check(descriptors() <= before, first, "file descriptors were left open");
      checkOutside(first);
      delete(folder);
      Files.createDirectory(folder);
    }
    return accepted;
  }

  private long session(long first, long count) throws IOException {
    long before = descriptors();
    var limits = new NinepConfig.Limits(MAX_FIDS, MAX_FILES, 50, 100_000);
    long accepted = 0;
    try (NinepServer server = NinepServer.open(new NinepConfig(folder, false, limits));
        NinepMessages messages = new NinepMessages(seed + first, place)) {
      for (long i = 0; i < count; i++) {
        String wrong = messages.send(server);
        check(wrong.isEmpty(), first + i, wrong);
      }
      accepted = messages.accepted();
      // The root's and the directory of descriptors are no files of the guest's.
      check(descriptors() <= before + MAX_FILES + 2, first, "too many file descriptors");
    }
    return accepted;
  }

  private void checkOutside(long message) throws IOException {
    check(Files.readString(place.resolve("secret")).equals(SECRET), message, "secret was changed");
    try (Stream<Path> names = Files.list(place)) {
      check(names.count() == 2, message, "something was made outside the folder");
    }
  }

  private void check(boolean isRight, long message, String wrong) {
    if (!isRight) {
      throw new IllegalStateException("seed %d, message %d: %s".formatted(seed, message, wrong));
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> names = Files.list(DESCRIPTORS)) {
      return names.count();
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> names = Files.list(tree)) {
        for (Path name : names.toList()) {
          delete(name);
        }
      }
    }
    Files.delete(tree);
  }
}
