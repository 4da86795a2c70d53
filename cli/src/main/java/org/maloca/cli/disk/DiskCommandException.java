package org.maloca.cli.disk;

/** Something that ends a disk command with one line for people and an exit code. */
public final class DiskCommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  DiskCommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
