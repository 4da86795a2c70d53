package org.maloca.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.guest.DataFolder;

/**
 * How people get into a guest by ssh: the command that they are told, and while the machine runs a
 * file of settings by which {@code maloca ssh} finds it.
 *
 * @param machine the machine's name
 * @param key the private key's file, or null where the user has it
 * @param user whom to be in the guest
 * @param knownHosts where the machine's key is kept, or null for a machine that has a new one at
 *     each start
 */
record SshLogin(String machine, @Nullable Path key, String user, @Nullable Path knownHosts) {
  /** The user where only the author of the user-data knows. */
  static final String UNKNOWN_USER = "USER";

  /** A guest may be in the middle of its start. */
  private static final int CONNECT_SECONDS = 90;

  /** The folder of the settings' files. */
  static Path folder() {
    return DataFolder.locate().resolve("ssh");
  }

  /** The command that logs in. */
  String command(InetSocketAddress address) {
    String identity = key == null ? "" : "-i '%s' ".formatted(key);
    String hosts =
        knownHosts == null
            ? "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
            : "-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile='%s'"
                .formatted(knownHosts);
    return "ssh %s%s -p %d %s@%s"
        .formatted(identity, hosts, address.getPort(), user, host(address));
  }

  /** Settings in the format of ssh_config(5). */
  String settings(InetSocketAddress address) {
    StringBuilder text = new StringBuilder("Host *\n");
    text.append("  HostName ").append(host(address)).append('\n');
    text.append("  Port ").append(address.getPort()).append('\n');
    // Until the guest's server speaks, which one in a machine that stands still never does.
    text.append("  ConnectTimeout ").append(CONNECT_SECONDS).append('\n');
    if (!user.equals(UNKNOWN_USER)) {
      text.append("  User ").append(user).append('\n');
    }
    if (key != null) {
      text.append("  IdentityFile \"").append(key).append("\"\n  IdentitiesOnly yes\n");
    }
    if (knownHosts == null) {
      text.append("  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n");
      text.append("  LogLevel ERROR\n");
    } else {
      text.append("  UserKnownHostsFile \"").append(knownHosts).append("\"\n");
      text.append("  StrictHostKeyChecking accept-new\n");
    }
    return text.toString();
  }

  private static String host(InetSocketAddress address) {
    return address.getAddress().isAnyLocalAddress()
        ? "127.0.0.1"
        : address.getAddress().getHostAddress();
  }

  /** Lets {@code maloca ssh} find the machine. */
  void announce(InetSocketAddress address) throws IOException {
    Files.createDirectories(folder());
    Path next = Files.createTempFile(folder(), ".", null);
    Files.writeString(next, settings(address));
    Files.move(next, file(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** The machine is gone, unless another one of its name has come since. */
  void withdraw(InetSocketAddress address) throws IOException {
    if (Files.exists(file()) && Files.readString(file()).equals(settings(address))) {
      Files.deleteIfExists(file());
    }
  }

  private Path file() {
    return folder().resolve(machine);
  }
}
