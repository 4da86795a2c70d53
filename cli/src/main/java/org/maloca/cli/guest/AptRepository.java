package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Debian packages by the host's {@code apt}: from the mirror that the host is set to, and checked
 * against its signed package lists. Needs no root.
 */
public final class AptRepository {
  private final List<String> options;
  private final String updateAdvice;

  private AptRepository(List<String> options, String updateAdvice) {
    this.options = List.copyOf(options);
    this.updateAdvice = updateAdvice;
  }

  /** The host's own package lists. */
  public static AptRepository host() {
    return new AptRepository(sandboxOptions(), "run 'apt-get update' as root and try again");
  }

  /**
   * Package lists of our own, in {@code state}, for any architecture; the host's apt is left as it
   * is. Reads the lists anew from the host's mirror.
   *
   * @param architecture as Debian names it, for example {@code i386}
   */
  public static AptRepository ofArchitecture(Path state, String architecture, Progress progress)
      throws GuestException {
    try {
      Files.createDirectories(state.resolve("lists/partial"));
      Files.createDirectories(state.resolve("archives/partial"));
      Path status = state.resolve("status");
      if (!Files.exists(status)) {
        Files.createFile(status);
      }
      List<String> options = new ArrayList<>(sandboxOptions());
      options.addAll(
          List.of(
              "-oAPT::Architecture=" + architecture,
              "-oAPT::Architectures=" + architecture,
              "-oDir::State=" + state,
              "-oDir::State::lists=" + state.resolve("lists"),
              "-oDir::State::status=" + status,
              "-oDir::Cache=" + state,
              "-oDir::Cache::archives=" + state.resolve("archives")));
      progress.step("reading Debian's package lists for " + architecture);
      HostCommand.Result result =
          new AptRepository(options, "").run("apt-get", List.of("update"), null);
      // One index that is out of step on the mirror must not hide the packages of the others: what
      // apt has taken is verified, and who lacks a package is told why.
      return new AptRepository(
          options,
          result.status() == 0
              ? "check the host's apt sources"
              : "apt-get update failed: " + result.lastErrorLine());
    } catch (IOException failure) {
      throw new GuestException("%s: %s".formatted(state, failure.getMessage()), failure);
    }
  }

  /** Where apt runs as root it would fetch as another user, who cannot write our folders. */
  private static List<String> sandboxOptions() {
    return "root".equals(System.getProperty("user.name"))
        ? List.of("-oAPT::Sandbox::User=root")
        : List.of();
  }

  /** The newest version of a package. */
  AptPackage find(String name) throws GuestException {
    HostCommand.Result result = run("apt-cache", List.of("show", "--no-all-versions", name), null);
    if (result.status() != 0) {
      throw new GuestException("apt knows no package %s: %s".formatted(name, updateAdvice));
    }
    Map<String, String> fields = new HashMap<>();
    for (String line : result.output().lines().takeWhile(line -> !line.isEmpty()).toList()) {
      int colon = line.indexOf(": ");
      if (colon > 0 && line.charAt(0) != ' ') {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    AptPackage found =
        new AptPackage(
            fields.getOrDefault("Package", ""),
            fields.getOrDefault("Version", ""),
            fields.getOrDefault("Depends", ""),
            fields.getOrDefault("SHA256", ""));
    if (found.version().isEmpty() || found.sha256().isEmpty()) {
      throw new GuestException(
          "apt has no download for the package %s: %s".formatted(name, updateAdvice));
    }
    return found;
  }

  /**
   * Fetches a package's file and checks its hash.
   *
   * @param folder an empty folder to put it in
   */
  Path download(AptPackage wanted, Path folder) throws GuestException {
    String exact = wanted.name() + "=" + wanted.version();
    HostCommand.Result result = run("apt-get", List.of("download", exact), folder);
    if (result.status() != 0) {
      throw new GuestException(
          "could not download %s: %s (perhaps: %s)"
              .formatted(wanted.name(), result.lastErrorLine(), updateAdvice));
    }
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files
              .filter(path -> path.getFileName().toString().endsWith(".deb"))
              .findFirst()
              .orElseThrow(() -> new IOException("apt-get download left no file"));
      String hash = Sha256.of(file);
      if (!hash.equalsIgnoreCase(wanted.sha256())) {
        throw new GuestException(
            "%s: SHA-256 is %s, the package list says %s"
                .formatted(file.getFileName(), hash, wanted.sha256()));
      }
      return file;
    } catch (IOException failure) {
      throw new GuestException("%s: %s".formatted(folder, failure.getMessage()), failure);
    }
  }

  private HostCommand.Result run(String program, List<String> arguments, @Nullable Path folder)
      throws GuestException {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(options);
    command.addAll(arguments);
    try {
      return HostCommand.run(command, folder);
    } catch (IOException missing) {
      throw new GuestException(
          "'%s' is not on this host: the Linux guest is made from Debian packages (boot one of your"
                  .formatted(program)
              + " own with --kernel)",
          missing);
    }
  }
}
