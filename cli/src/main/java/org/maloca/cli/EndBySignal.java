package org.maloca.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jline.utils.Signals;

/**
 * What SIGTERM, SIGINT and SIGHUP do to a machine: the first has the guest shut down, the next
 * pulls the plug, and one more ends the process whatever becomes of the machine. While there is no
 * machine they end the process at once, as ever.
 */
final class EndBySignal implements AutoCloseable {
  private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);
  private static final int BY_SIGNAL = 128;

  /** For the machine to end once its plug is out: its disks may be slow. */
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch isOver = new CountDownLatch(1);
  private final Map<String, Object> before = new LinkedHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final Consumer<String> notes;
  private volatile int exitCode;

  /**
   * Changes nothing yet.
   *
   * @param notes hears what people should know
   */
  EndBySignal(Consumer<String> notes) {
    this.notes = notes;
  }

  /** There is a machine now, whose signals these are until this is closed. */
  void ends(OrderlyEnd machine) {
    NUMBERS.forEach((name, number) -> {
      Object previous = Signals.register(name, () -> came(number, machine));
      // Not where the host has no such signal.
      if (previous != null) {
        before.put(name, previous);
      }
    });
  }

  /** Called on a thread of the signal's own. */
  private void came(int number, OrderlyEnd machine) {
    exitCode = BY_SIGNAL + number;
    switch (count.incrementAndGet()) {
      case 1 -> {
        if (machine.shutDown()) {
          notes.accept("the guest is asked to shut down; another signal pulls the plug");
        }
        haltAfter(machine.patience().toSeconds() + PATIENCE_SECONDS);
      }
      case 2 -> machine.pullPlug();
      default -> halt();
    }
  }

  private void haltAfter(long seconds) {
    try {
      if (!isOver.await(seconds, TimeUnit.SECONDS)) {
        halt();
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }

  private void halt() {
    if (isOver.getCount() > 0) {
      notes.accept("the machine does not end; its disks may lack what it wrote last");
    }
    Runtime.getRuntime().halt(exitCode);
  }

  /** The exit code of a process that a signal has ended; 0 if none came. */
  int exitCode() {
    return exitCode;
  }

  /** All is done and said. */
  @Override
  public void close() {
    isOver.countDown();
    before.forEach(Signals::unregister);
  }
}
