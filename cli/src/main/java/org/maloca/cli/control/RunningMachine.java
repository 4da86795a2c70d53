package org.maloca.cli.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A machine that runs, or was killed, as other processes of the user see it.
 *
 * @param name the machine's, which others may have, too
 * @param number larger for one that came later
 * @param socket its {@link ControlSocket}
 */
public record RunningMachine(String name, long number, Path socket) {
  private static final Pattern FILE_NAME = Pattern.compile("([A-Za-z0-9-]+)\\.([0-9a-f]{1,15})");

  /** Several of the {@linkplain Exchange#WORKING signs} that it works come within. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** One that does not listen yet may just have made its socket. */
  private static final Duration LEFT_BEHIND = Duration.ofSeconds(5);

  /**
   * All there are, the last that came first. What machines left that were killed is removed, and
   * left out unless it is so new that somebody may be making it.
   */
  public static List<RunningMachine> all(Path folder) throws IOException {
    List<RunningMachine> machines = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return machines;
    }
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(folder)) {
      for (Path socket : sockets) {
        Matcher parts = FILE_NAME.matcher(String.valueOf(socket.getFileName()));
        if (parts.matches()) {
          RunningMachine machine =
              new RunningMachine(parts.group(1), Long.parseLong(parts.group(2), 16), socket);
          if (machine.isNew() || !machine.isAbandoned() || !machine.clearAway()) {
            machines.add(machine);
          }
        }
      }
    }
    machines.sort(Comparator.comparingLong(RunningMachine::number).reversed());
    return machines;
  }

  static String fileName(String name, long number) {
    // Names that cannot be a host's are free to have any characters.
    return "%s.%x".formatted(name.replaceAll("[^A-Za-z0-9-]", "-"), number);
  }

  /**
   * Asks the machine, and waits as long as it works on that.
   *
   * @param word for which of its {@link ControlService}s
   * @return the answer, or nothing when the request is not for this machine, or it is gone
   * @throws MachineRefusal if it says no
   * @throws MachineSilence if it stands still
   */
  public Optional<String> ask(String word, String arguments) throws MachineRefusal {
    return ask(word, arguments, PATIENCE);
  }

  Optional<String> ask(String word, String arguments, Duration patience) throws MachineRefusal {
    String answer;
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Patience watch = new Patience(channel, patience)) {
      try {
        // Even this waits when many have asked one that stands still.
        channel.connect(UnixDomainSocketAddress.of(socket));
        Exchange.write(channel, word + " " + arguments);
        channel.shutdownOutput();
        answer = Exchange.read(channel, watch::heard);
      } catch (ClosedChannelException closed) {
        if (watch.isAtAnEnd()) {
          throw new MachineSilence(name);
        }
        throw closed;
      }
    } catch (MachineRefusal silence) {
      throw silence;
    } catch (ConnectException nobody) {
      if (!isNew()) {
        clearAway();
      }
      return Optional.empty();
    } catch (IOException | UnsupportedOperationException gone) {
      return Optional.empty();
    }
    int start = 0;
    while (start < answer.length() && answer.charAt(start) == Exchange.WORKING) {
      start++;
    }
    if (start == answer.length()) {
      return Optional.empty();
    }
    String text = answer.substring(start + 1);
    return switch (answer.charAt(start)) {
      case Exchange.DONE -> Optional.of(text);
      case Exchange.REFUSED -> throw new MachineRefusal(text);
      default -> Optional.empty();
    };
  }

  /** Whether nobody listens; does not wait for one that stands still. */
  private boolean isAbandoned() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.configureBlocking(false);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return false;
    } catch (ConnectException nobody) {
      return true;
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  /** Whether somebody may be making it, and not listen yet. */
  private boolean isNew() {
    try {
      Instant made = Files.getLastModifiedTime(socket).toInstant();
      return !made.plus(LEFT_BEHIND).isBefore(Instant.now());
    } catch (IOException gone) {
      return false;
    }
  }

  /** Removes what nobody listens to; answers whether it is gone. */
  private boolean clearAway() {
    try {
      Files.deleteIfExists(socket);
      return true;
    } catch (IOException failure) {
      // Somebody else may.
      return false;
    }
  }
}
