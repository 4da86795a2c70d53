package org.maloca.machine.config;

/** A machine that cannot be as asked. The message is one line, fit to be shown as it is. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
