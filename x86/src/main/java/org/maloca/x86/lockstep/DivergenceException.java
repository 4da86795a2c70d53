package org.maloca.x86.lockstep;

/** The two engines did not do the same. The message is a report for people. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergenceException(String report) {
    super(report);
  }
}
