package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a script in a tree as if it were a system of its own, as its root: by the user namespaces of
 * Linux (user_namespaces(7)), so that a user's account is enough.
 */
final class NamespaceRoot {
  private static final List<String> UNSHARE =
      List.of(
          "unshare",
          "--user",
          "--map-root-user",
          "--mount",
          "--ipc",
          "--uts",
          "--pid",
          "--fork",
          "--kill-child");

  /**
   * Has what follows end with us, however we end: half a system that goes on growing would be in
   * the way of the next attempt. Not on every host.
   */
  private static final List<String> ENDING_WITH_US = List.of("setpriv", "--pdeathsig", "KILL");

  private static final int SHOWN_LINES = 12;

  /** Ordinary users of Debian have nothing of sbin in their PATH. */
  static final String WITH_SYSTEM_PROGRAMS = "PATH=$PATH:/usr/sbin:/sbin; ";

  private static final String TRY =
      "mount -t tmpfs tmpfs /mnt || exit; command -v chroot > /dev/null && exit; "
          + "echo 'there is no chroot (install coreutils)' >&2; exit 1";

  private NamespaceRoot() {}

  /**
   * Finds out whether this host lets its users do it.
   *
   * @throws GuestException says what is missing, and how to get it
   */
  static void check() throws GuestException {
    try {
      HostCommand.Result result = HostCommand.run(command(TRY), null);
      if (result.status() != 0) {
        throw new GuestException(
            "this host does not let you make the Debian guest: %s%s"
                .formatted(result.lastErrorLine(), reason()));
      }
    } catch (IOException missing) {
      throw new GuestException(
          "'unshare' is not on this host: the Debian guest is made in a user namespace (install"
              + " util-linux)",
          missing);
    }
  }

  private static List<String> command(String script) {
    List<String> command = new ArrayList<>(UNSHARE);
    command.addAll(List.of("sh", "-c", WITH_SYSTEM_PROGRAMS + script));
    return command;
  }

  /** What of Linux's settings forbids user namespaces. */
  private static String reason() {
    if (isSetTo("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) {
      return " (AppArmor forbids user namespaces: 'sudo sysctl -w"
          + " kernel.apparmor_restrict_unprivileged_userns=0' allows them)";
    }
    if (isSetTo("/proc/sys/kernel/unprivileged_userns_clone", "0")) {
      return " ('sudo sysctl -w kernel.unprivileged_userns_clone=1' allows user namespaces)";
    }
    if (isSetTo("/proc/sys/user/max_user_namespaces", "0")) {
      return " ('sudo sysctl -w user.max_user_namespaces=10000' allows user namespaces)";
    }
    return " (user namespaces with mounts are needed; a container's seccomp or capability settings"
        + " may forbid them)";
  }

  private static boolean isSetTo(String setting, String value) {
    try {
      return Files.readString(Path.of(setting)).strip().equals(value);
    } catch (IOException unknown) {
      return false;
    }
  }

  /**
   * Runs {@code configure} of the build folder in the tree, which sees that folder at /run.
   *
   * @throws GuestException with the last of what was said
   */
  static void configure(Path enter, Path root, Path build) throws GuestException, IOException {
    List<String> command = new ArrayList<>(canEndWithUs() ? ENDING_WITH_US : List.of());
    command.addAll(command("exec 2>&1; . \"$0\""));
    command.addAll(List.of(enter.toString(), root.toString(), build.toString()));
    HostCommand.Result result = HostCommand.run(command, null);
    Files.writeString(build.resolve("configure.log"), result.output());
    if (result.status() != 0) {
      List<String> lines = result.output().lines().toList();
      throw new GuestException(
          "Debian's packages could not be set up:\n"
              + String.join(
                  "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
    }
  }

  private static boolean canEndWithUs() {
    List<String> command = new ArrayList<>(ENDING_WITH_US);
    command.add("true");
    try {
      return HostCommand.run(command, null).status() == 0;
    } catch (IOException missing) {
      return false;
    }
  }
}
