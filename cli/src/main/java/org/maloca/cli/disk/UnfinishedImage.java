package org.maloca.cli.disk;

import java.io.IOException;
import org.maloca.block.disk.ImageCreation;

/** Deletes what there is of a new image when the command is interrupted, as by Ctrl-C. */
final class UnfinishedImage implements AutoCloseable {
  private final ImageCreation creation;
  private final Thread hook;

  UnfinishedImage(ImageCreation creation) {
    this.creation = creation;
    hook = new Thread(this::delete, "maloca-unfinished");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void delete() {
    try {
      creation.close();
    } catch (IOException leftBehind) {
      System.err.println("maloca: " + leftBehind.getMessage());
    }
  }

  /** Puts the image into its place. */
  void complete() throws IOException {
    creation.complete();
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
