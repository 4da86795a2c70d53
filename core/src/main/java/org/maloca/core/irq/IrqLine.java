package org.maloca.core.irq;

/**
 * An interrupt wire into a controller. Safe for any thread. Whether an edge or the level matters is
 * the controller's business.
 */
public interface IrqLine {
  IrqLine NOT_CONNECTED = level -> {};

  /** Drives the wire. Driving it to the level that it has already is nothing. */
  void set(boolean level);

  default void raise() {
    set(true);
  }

  default void lower() {
    set(false);
  }

  /** Raises and lowers: one edge. */
  default void pulse() {
    set(true);
    set(false);
  }

  /**
   * Puts back a level from a snapshot. A controller that latches edges overrides it so that no edge
   * is seen; its own latches come from its own section.
   */
  default void restoreLevel(boolean level) {
    set(level);
  }
}
