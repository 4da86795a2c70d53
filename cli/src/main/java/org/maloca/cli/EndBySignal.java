package org.maloca.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has a signal that ends the JVM (SIGTERM, SIGINT, SIGHUP) end the machine in order: its disks are
 * written out, the terminal is put back, and what was asked for is reported.
 */
final class EndBySignal implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch isOver = new CountDownLatch(1);
  private final Thread hook = new Thread(this::end, "maloca-signal");
  private volatile @Nullable Runnable leave;

  /** Listens from now on, until it is closed. */
  EndBySignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** There is a machine now, which this ends; it must not wait for that. */
  void ends(Runnable ofMachine) {
    leave = ofMachine;
  }

  private void end() {
    Runnable now = leave;
    if (now == null) {
      return;
    }
    now.run();
    try {
      // The JVM goes on as long as this does.
      if (!isOver.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "maloca: the machine does not end; its disks may lack what it wrote last");
      }
    } catch (InterruptedException cutShort) {
      Thread.currentThread().interrupt();
    }
  }

  /** All is done and said. */
  @Override
  public void close() {
    isOver.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // It has run.
    }
  }
}
