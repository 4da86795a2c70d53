package org.maloca.fuzz;

/** A case ended the silicon runner's process. */
public final class SiliconDeathException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int index;

  SiliconDeathException(int index, String message) {
    super(message);
    this.index = index;
  }

  /** The killing case's index in its batch. */
  public int index() {
    return index;
  }
}
