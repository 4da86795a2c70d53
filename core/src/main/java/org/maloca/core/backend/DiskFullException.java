package org.maloca.core.backend;

import java.io.IOException;

/**
 * The host has no room for what a guest wrote. Nothing was lost: the same request can be tried
 * again when there is room.
 */
public final class DiskFullException extends IOException {
  private static final long serialVersionUID = 1;

  public DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
