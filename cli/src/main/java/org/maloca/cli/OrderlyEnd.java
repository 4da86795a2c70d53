package org.maloca.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.maloca.machine.lifecycle.Vm;

/**
 * Ends a machine as the owner of a PC would: by its power button, on which the operating system
 * shuts down, and by the plug where nobody listens or nothing comes of it. For any thread but the
 * machine's own.
 */
final class OrderlyEnd implements AutoCloseable {
  private final Vm vm;
  private final RunPause pause;
  private final Duration patience;
  private final CountDownLatch isOver = new CountDownLatch(1);

  /**
   * Prepares.
   *
   * @param pause which is over when the guest is to shut down
   * @param patience how long the guest may take, unless somebody says otherwise; nothing to pull
   *     the plug at once
   */
  OrderlyEnd(Vm vm, RunPause pause, Duration patience) {
    this.vm = vm;
    this.pause = pause;
    this.patience = patience;
  }

  /** As {@link #shutDown(Duration)}, with the machine's usual patience. */
  boolean shutDown() {
    return shutDown(patience);
  }

  /**
   * Has the guest shut down, and pulls the plug when it takes longer.
   *
   * @return false if nobody listens to the button, so that the plug is out now
   */
  boolean shutDown(Duration longest) {
    if (longest.isZero() || !pressPowerButton()) {
      vm.powerOff();
      return false;
    }
    Thread.ofVirtual().name("maloca-plug").start(() -> pullPlugAfter(longest));
    return true;
  }

  /**
   * Presses the power button, as {@link Vm#pressPowerButton} does; a guest that stands still would
   * not hear it, and goes on.
   */
  boolean pressPowerButton() {
    boolean ignored = pause.release();
    return vm.pressPowerButton();
  }

  private void pullPlugAfter(Duration longest) {
    try {
      if (!isOver.await(longest.toNanos(), TimeUnit.NANOSECONDS)) {
        vm.powerOff();
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  /** Pulls the plug. What the guest has written to its disks is kept. */
  void pullPlug() {
    vm.powerOff();
  }

  /** How long the guest may take. */
  Duration patience() {
    return patience;
  }

  /** The machine has ended: nobody waits for it any more. */
  @Override
  public void close() {
    isOver.countDown();
  }
}
