package org.maloca.core.snapshot;

/** A snapshot that is damaged, incomplete or from a newer version. */
public final class SnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SnapshotException(String message) {
    super(message);
  }
}
