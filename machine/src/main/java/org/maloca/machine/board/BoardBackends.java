package org.maloca.machine.board;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;

/**
 * The host's ends of the board's devices.
 *
 * @param console at COM1
 * @param auxiliary at COM2; without it there is no COM2
 * @param debugConsole at port 0xe9; without it there is none
 * @param plugs further devices, in the order in which the guest finds them
 */
public record BoardBackends(
    CharBackend console,
    @Nullable CharBackend auxiliary,
    @Nullable CharBackend debugConsole,
    List<DevicePlug> plugs) {
  public BoardBackends {
    plugs = List.copyOf(plugs);
  }

  /** Only a console. */
  public static BoardBackends of(CharBackend console) {
    return new BoardBackends(console, null, null, List.of());
  }
}
