package org.maloca.cli.cloud;

/** An image that cannot be had. The message is one line, fit to be shown as it is. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is. */
  public enum Kind {
    WRONG_USE,
    DAMAGED,
    UNAVAILABLE
  }

  private final Kind kind;

  public ImageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
