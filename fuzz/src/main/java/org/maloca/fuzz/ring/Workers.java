package org.maloca.fuzz.ring;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
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
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
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

  /** Returns when all have gone to sleep; false when one has used so much processor time before. */
  boolean settle(long limitCpuNanos) {
    long start = System.nanoTime();
    for (Object worker : workers) {
      long startCpu = cpuNanos(worker);
      while (!isAsleep(worker)) {
        if (cpuNanos(worker) - startCpu > limitCpuNanos) {
          return false;
        }
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
    return true;
  }

  private long cpuNanos(Object worker) {
    try {
      return thread.get(worker) instanceof Thread running
          ? Math.max(0, THREADS.getThreadCpuTime(running.threadId()))
          : 0;
    } catch (IllegalAccessException closed) {
      throw new IllegalStateException(closed);
    }
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
