package org.maloca.fuzz.ring;

import java.lang.reflect.Field;
import java.util.concurrent.locks.LockSupport;
import org.maloca.devices.virtio.VirtioDevice;

/**
 * Waits for a device's queue workers. They tell nobody that they are done, and need not; here it is
 * what makes an input do the same each time, so this looks into them.
 */
final class Workers {
  private static final long SPIN_NANOS = 50_000;
  private static final long PAUSE_NANOS = 20_000;
  private static final Field WORKERS = field(VirtioDevice.class, "workers");

  private final Object[] workers;
  private final Field isAwake;
  private final Field thread;

  Workers(VirtioDevice device) {
    try {
      workers = (Object[]) WORKERS.get(device);
    } catch (IllegalAccessException closed) {
      throw new IllegalStateException(closed);
    }
    Class<?> type = workers.getClass().getComponentType();
    isAwake = field(type, "isAwake");
    thread = field(type, "thread");
  }

  private static Field field(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException renamed) {
      throw new IllegalStateException(renamed);
    }
  }

  /** Returns when all have gone to sleep, or after so long: then false. */
  boolean settle(long limitNanos) {
    long start = System.nanoTime();
    for (Object worker : workers) {
      while (!isAsleep(worker)) {
        long nanos = System.nanoTime() - start;
        if (nanos > limitNanos) {
          return false;
        }
        if (nanos < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
    return true;
  }

  private boolean isAsleep(Object worker) {
    try {
      // In this order: a worker that was woken is awake by its own word first.
      return !isAwake.getBoolean(worker)
          && (!(thread.get(worker) instanceof Thread running)
              || running.getState() == Thread.State.WAITING
              || !running.isAlive());
    } catch (IllegalAccessException closed) {
      throw new IllegalStateException(closed);
    }
  }
}
