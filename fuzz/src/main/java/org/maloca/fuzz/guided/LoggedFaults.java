package org.maloca.fuzz.guided;

import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Notices exceptions that a device or network met, survived and logged: on its own threads nothing
 * comes out to the caller, but it is a defect all the same. Nothing is printed meanwhile.
 */
final class LoggedFaults extends Handler {
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /** Begins to listen to all loggers, for the process's life. */
  static LoggedFaults listen() {
    LoggedFaults faults = new LoggedFaults();
    Logger root = Logger.getLogger("");
    for (Handler printing : root.getHandlers()) {
      root.removeHandler(printing);
    }
    root.addHandler(faults);
    return faults;
  }

  @Override
  public void publish(LogRecord entry) {
    Throwable thrown = entry.getThrown();
    if (thrown != null) {
      first.compareAndSet(null, thrown);
    }
  }

  /** Throws what was met since the last time. */
  void rethrow() {
    Throwable met = first.getAndSet(null);
    if (met != null) {
      throw new IllegalStateException("an exception was logged", met);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
