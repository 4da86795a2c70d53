package org.maloca.machine.boot;

/** A kernel or initrd that cannot be booted. The message is one line, fit to be shown as it is. */
public final class BootException extends Exception {
  private static final long serialVersionUID = 1L;

  public BootException(String message) {
    super(message);
  }

  public BootException(String message, Throwable cause) {
    super(message, cause);
  }
}
