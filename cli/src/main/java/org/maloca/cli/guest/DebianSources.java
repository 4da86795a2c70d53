package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the packages of Debian 12 come from: the host's own sources of it, Debian's public address
 * where the host has none. Lines of sources.list(5).
 *
 * @param forHost as the host's apt reads them now
 * @param forGuest as the guest's apt may read them: no passwords, nothing of the host's own files
 */
record DebianSources(String forHost, String forGuest) {
  private static final String RELEASE = "bookworm";
  private static final String KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
  private static final List<String> PUBLIC =
      List.of(
          "http://deb.debian.org/debian|bookworm|main",
          "http://deb.debian.org/debian|bookworm-updates|main",
          "http://deb.debian.org/debian-security|bookworm-security|main");

  /** Asks the host's apt. */
  static DebianSources ofHost() throws GuestException {
    List<String> command =
        List.of(
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI)|$(RELEASE)|$(COMPONENT)",
            "Created-By: Packages");
    try {
      HostCommand.Result result = HostCommand.run(command, null);
      return of(result.status() == 0 ? result.output().lines().toList() : List.of());
    } catch (IOException missing) {
      throw new GuestException(
          "'apt-get' is not on this host: the Debian guest is made from Debian's packages (bring a"
              + " disk image of your own with --disk)",
          missing);
    }
  }

  /** Takes lines of {@code address|release|component}; of Debian 12's main component only. */
  static DebianSources of(List<String> targets) {
    List<String> own =
        targets.stream()
            .filter(line -> line.matches("[^|\\s\\[\\]]+/?\\|" + RELEASE + "(-[a-z]+)?\\|main"))
            .filter(line -> !line.contains("-backports|"))
            .toList();
    boolean hasRelease = own.stream().anyMatch(line -> line.contains("|" + RELEASE + "|"));
    List<String> used = hasRelease ? own : PUBLIC;
    Set<String> host = new LinkedHashSet<>();
    Set<String> guest = new LinkedHashSet<>();
    List<String> unusable = new ArrayList<>();
    for (String line : used) {
      String[] fields = line.split("\\|");
      // With the keys of Debian's archive alone, whatever else the host trusts.
      host.add("deb [signed-by=%s] %s %s %s".formatted(KEYRING, fields[0], fields[1], fields[2]));
      String address = HostAddress.forGuest(fields[0]);
      if (address.isEmpty()) {
        unusable.add(line);
      } else {
        guest.add("deb %s %s %s".formatted(address, fields[1], fields[2]));
      }
    }
    if (!unusable.isEmpty()) {
      return new DebianSources(lines(host), of(List.of()).forGuest());
    }
    return new DebianSources(lines(host), lines(guest));
  }

  /**
   * The packages of the host's sources, with lists of our own, read anew.
   *
   * @param guests where the lists are kept
   */
  AptRepository packages(Path guests, Progress progress) throws GuestException {
    return AptRepository.ofSources(guests.resolve("apt-debian"), "amd64", forHost, progress);
  }

  private static String lines(Set<String> lines) {
    return String.join("\n", lines) + "\n";
  }
}
