package org.maloca.cli.guest;

/** A guest that cannot be made. The message is one line, fit to be shown as it is. */
public final class GuestException extends Exception {
  private static final long serialVersionUID = 1L;

  public GuestException(String message) {
    super(message);
  }

  public GuestException(String message, Throwable cause) {
    super(message, cause);
  }
}
