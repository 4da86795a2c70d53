package org.maloca.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.control.ControlService;
import org.maloca.cli.control.ControlSocket;

/** What other processes of the user may ask a running machine for, and where they reach it. */
final class RunControls implements AutoCloseable {
  private final Map<String, ControlService> services = new LinkedHashMap<>();
  private final Map<String, String> commands = new LinkedHashMap<>();
  private @Nullable ControlSocket socket;

  /**
   * Adds something to ask for, before the machine is reached.
   *
   * @param word with which requests begin
   * @param command that makes such requests
   */
  void add(String word, String command, ControlService service) {
    services.put(word, service);
    commands.put(word, command);
  }

  /**
   * Lets the machine be found under its name, if there is anything to ask it for.
   *
   * @param notes hears of commands that will not find it
   */
  void listen(String machineName, Consumer<String> notes) {
    if (services.isEmpty()) {
      return;
    }
    try {
      ControlSocket opened = ControlSocket.open(ControlSocket.folder(), machineName);
      socket = opened;
      services.forEach(opened::serve);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException impossible) {
      String reason =
          Objects.requireNonNullElse(
              impossible.getMessage(), impossible.getClass().getSimpleName());
      commands
          .values()
          .forEach(command ->
              notes.accept("'%s' will not find the machine: %s".formatted(command, reason)));
    }
  }

  /**
   * Adds something to ask for when the machine runs. Where there is nothing else, it is found from
   * now on: no guest is to wait for that.
   */
  void addLate(
      String machineName,
      String word,
      String command,
      ControlService service,
      Consumer<String> notes) {
    boolean isFirst = services.isEmpty();
    add(word, command, service);
    if (isFirst) {
      listen(machineName, notes);
    } else if (socket != null) {
      socket.serve(word, service);
    }
  }

  /** Nothing more is asked. */
  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
