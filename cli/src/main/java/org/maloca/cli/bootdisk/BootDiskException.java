package org.maloca.cli.bootdisk;

/** A disk from which nothing can be booted. The message is one line, fit to be shown as it is. */
public final class BootDiskException extends Exception {
  private static final long serialVersionUID = 1L;

  BootDiskException(String message) {
    super(message);
  }
}
