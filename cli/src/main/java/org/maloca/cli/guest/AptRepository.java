package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Debian packages by the host's {@code apt}: from the mirror that the host is set to, and checked
 * against its signed package lists. Needs no root.
 */
public final class AptRepository {
  /** A line of apt-get's simulation: a name, then the version in brackets. */
  private static final Pattern INSTALLED = Pattern.compile("^Inst ([^ ]+) ");

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
    return ofState(state, architecture, List.of(), progress);
  }

  /**
   * Package lists of our own, as {@link #ofArchitecture}, from sources of our own too.
   *
   * @param sources in the format of sources.list(5)
   */
  static AptRepository ofSources(Path state, String architecture, String sources, Progress progress)
      throws GuestException {
    try {
      Files.createDirectories(state);
      Path list = Files.writeString(state.resolve("sources.list"), sources);
      return ofState(
          state,
          architecture,
          List.of("-oDir::Etc::SourceList=" + list, "-oDir::Etc::SourceParts=/dev/null"),
          progress);
    } catch (IOException failure) {
      throw new GuestException("%s: %s".formatted(state, failure.getMessage()), failure);
    }
  }

  private static AptRepository ofState(
      Path state, String architecture, List<String> extra, Progress progress)
      throws GuestException {
    try {
      Files.createDirectories(state.resolve("lists/partial"));
      Files.createDirectories(state.resolve("archives/partial"));
      Path status = state.resolve("status");
      if (!Files.exists(status)) {
        Files.createFile(status);
      }
      List<String> options = new ArrayList<>(sandboxOptions());
      options.addAll(extra);
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
    return find(List.of(name)).getFirst();
  }

  /** The newest versions of packages, in the same order. */
  private List<AptPackage> find(List<String> names) throws GuestException {
    List<String> arguments = new ArrayList<>(List.of("show", "--no-all-versions"));
    arguments.addAll(names);
    HostCommand.Result result = run("apt-cache", arguments, null);
    if (result.status() != 0) {
      throw new GuestException(
          "apt knows no package %s: %s".formatted(String.join(" ", names), updateAdvice));
    }
    Map<String, AptPackage> found = new HashMap<>();
    for (String paragraph : result.output().split("\n\n+")) {
      AptPackage each = parse(paragraph);
      found.putIfAbsent(each.name(), each);
    }
    List<AptPackage> packages = new ArrayList<>();
    for (String name : names) {
      AptPackage each = found.get(name);
      if (each == null || each.version().isEmpty() || each.sha256().isEmpty()) {
        throw new GuestException(
            "apt has no download for the package %s: %s".formatted(name, updateAdvice));
      }
      packages.add(each);
    }
    return packages;
  }

  private static AptPackage parse(String paragraph) {
    Map<String, String> fields = new HashMap<>();
    for (String line : paragraph.lines().toList()) {
      int colon = line.indexOf(": ");
      if (colon > 0 && line.charAt(0) != ' ') {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    return new AptPackage(
        fields.getOrDefault("Package", ""),
        fields.getOrDefault("Version", ""),
        fields.getOrDefault("Depends", ""),
        fields.getOrDefault("SHA256", ""));
  }

  /**
   * Packages and all that they depend on, as apt would install them where nothing is yet;
   * recommended ones apart.
   */
  List<AptPackage> withDependencies(List<String> names) throws GuestException {
    List<String> arguments =
        new ArrayList<>(
            List.of("-s", "-oDir::State::status=/dev/null", "-oAPT::Install-Recommends=false"));
    arguments.add("install");
    arguments.addAll(names);
    HostCommand.Result result = run("apt-get", arguments, null);
    if (result.status() != 0) {
      throw new GuestException(
          "apt cannot install %s: %s (perhaps: %s)"
              .formatted(String.join(", ", names), result.lastErrorLine(), updateAdvice));
    }
    return find(
        result
            .output()
            .lines()
            .map(INSTALLED::matcher)
            .filter(Matcher::find)
            .map(line -> line.group(1))
            .toList());
  }

  /**
   * Fetches a package's file and checks its hash.
   *
   * @param folder an empty folder to put it in
   */
  Path download(AptPackage wanted, Path folder) throws GuestException {
    return download(List.of(wanted), folder).getFirst();
  }

  /**
   * Fetches the files of packages and checks their hashes.
   *
   * @param folder an empty folder to put them in
   * @return the files in the order of the packages
   */
  List<Path> download(List<AptPackage> wanted, Path folder) throws GuestException {
    List<String> arguments = new ArrayList<>(List.of("download"));
    wanted.forEach(each -> arguments.add(each.name() + "=" + each.version()));
    HostCommand.Result result = run("apt-get", arguments, folder);
    if (result.status() != 0) {
      throw new GuestException(
          "could not download %s: %s (perhaps: %s)"
              .formatted(
                  wanted.size() == 1 ? wanted.getFirst().name() : wanted.size() + " packages",
                  result.lastErrorLine(),
                  updateAdvice));
    }
    try {
      Map<String, Path> fetched = hashes(folder);
      List<Path> files = new ArrayList<>();
      for (AptPackage each : wanted) {
        Path file = fetched.get(each.sha256().toLowerCase(Locale.ROOT));
        if (file == null) {
          throw new GuestException(
              "%s: no file has the SHA-256 of the package list, %s; there are %s"
                  .formatted(each.name(), each.sha256(), fetched));
        }
        files.add(file);
      }
      return files;
    } catch (IOException failure) {
      throw new GuestException("%s: %s".formatted(folder, failure.getMessage()), failure);
    }
  }

  /** The package files of a folder by their SHA-256, in lower-case hexadecimal digits. */
  private static Map<String, Path> hashes(Path folder) throws IOException {
    Map<String, Path> files = new HashMap<>();
    try (DirectoryStream<Path> debs = Files.newDirectoryStream(folder, "*.deb")) {
      for (Path file : debs) {
        files.put(Sha256.of(file).toLowerCase(Locale.ROOT), file);
      }
    }
    return files;
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
