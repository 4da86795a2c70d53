package org.maloca.machine.board;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;

/**
 * The host's ends of the board's character devices.
 *
 * @param console at COM1
 * @param auxiliary at COM2; without it there is no COM2
 * @param debugConsole at port 0xe9; without it there is none
 */
public record BoardBackends(
    CharBackend console, @Nullable CharBackend auxiliary, @Nullable CharBackend debugConsole) {
  /** Only a console. */
  public static BoardBackends of(CharBackend console) {
    return new BoardBackends(console, null, null);
  }
}
