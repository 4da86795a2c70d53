package org.maloca.bench;

/** Why there is nothing to measure; the message is one line for people. */
final class BenchException extends Exception {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }
}
