package org.maloca.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.maloca.cli.control.RunningMachine;

/**
 * The files of settings by which {@code maloca ssh} gets into machines that run; those that killed
 * machines left are removed.
 */
final class AnnouncedLogins {
  private static final Pattern ADDRESS =
      Pattern.compile("(?s).*  HostName (\\S+)\n  Port ([0-9]{1,5})\n.*");
  private static final int CONNECT_MILLIS = 1000;

  private AnnouncedLogins() {}

  /**
   * All whose machines run, by name.
   *
   * @param folder of the settings
   * @param controls the folder of all machines' sockets
   */
  static List<Path> all(Path folder, Path controls) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Set<String> machines =
        RunningMachine.all(controls).stream().map(RunningMachine::name).collect(Collectors.toSet());
    List<Path> running = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(".")) {
          continue;
        }
        if (machines.contains(name) || !isClosed(file)) {
          running.add(file);
        } else {
          Files.deleteIfExists(file);
        }
      }
    }
    return running;
  }

  /** Whether the host has nobody at the port that leads to the machine. */
  private static boolean isClosed(Path settings) throws IOException {
    Matcher address = ADDRESS.matcher(Files.readString(settings));
    if (!address.matches()) {
      return false;
    }
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.group(1), Integer.parseInt(address.group(2))),
          CONNECT_MILLIS);
      return false;
    } catch (ConnectException refused) {
      return true;
    } catch (IOException | IllegalArgumentException unknown) {
      return false;
    }
  }
}
