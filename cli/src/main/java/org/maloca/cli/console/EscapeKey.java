package org.maloca.cli.console;

/**
 * Finds Ctrl-] in what is typed, and what the key after it means. Everything else is the guest's.
 */
final class EscapeKey {
  /** What to do with a typed byte. */
  enum Action {
    SEND,
    /** Ctrl-] itself: tell what can come now. */
    PROMPT,
    LEAVE,
    RESET,
    POWER_BUTTON,
    STATISTICS,
    NOTHING
  }

  static final byte ESCAPE = 0x1d;

  private boolean isEscaped;

  Action typed(byte key) {
    if (!isEscaped) {
      isEscaped = key == ESCAPE;
      return isEscaped ? Action.PROMPT : Action.SEND;
    }
    isEscaped = false;
    return switch (key) {
      case 'q', 'Q', 'x', 'X' -> Action.LEAVE;
      case 'r', 'R' -> Action.RESET;
      case 'p', 'P' -> Action.POWER_BUTTON;
      case 's', 'S' -> Action.STATISTICS;
      case ESCAPE -> Action.SEND;
      default -> Action.NOTHING;
    };
  }
}
