package org.maloca.cli.interruption;

import java.io.IOException;

/** Deletes what there is of something new when the command is interrupted, as by Ctrl-C. */
public final class Unfinished implements AutoCloseable {
  private final Deletion deletion;
  private final Thread hook;

  /** How to be rid of it; does nothing once it is whole and in its place. */
  @FunctionalInterface
  public interface Deletion {
    void run() throws IOException;
  }

  /** Watches over something until it is closed. */
  public Unfinished(Deletion deletion) {
    this.deletion = deletion;
    hook = new Thread(this::delete, "maloca-unfinished");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void delete() {
    try {
      deletion.run();
    } catch (IOException leftBehind) {
      System.err.println("maloca: " + leftBehind.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook runs.
    }
  }
}
