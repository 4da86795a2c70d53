package org.maloca.x86;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a vCPU must look at between blocks, as bits of one word: a running vCPU polls one opaque
 * load, any thread posts by an atomic OR and wakes the vCPU if it is parked.
 */
public final class CpuEvents {
  /** INTR input is high, and the vCPU has not seen yet that it masks interrupts. */
  public static final int INTERRUPT = 1;

  public static final int NMI = 1 << 1;
  public static final int INIT = 1 << 2;
  public static final int STARTUP = 1 << 3;
  public static final int KICK = 1 << 4;

  /** Code or translations went stale: {@link org.maloca.x86.code.CodeCache} has the requests. */
  public static final int STALE_CODE = 1 << 5;

  /** RFLAGS.TF is set, an enabled breakpoint may be hit, or a shadow ends: step singly. */
  public static final int TRAP_FLAG = 1 << 6;

  /** A repeated string instruction is to stop after each element: for comparisons. */
  public static final int ONE_ELEMENT = 1 << 7;

  private static final VarHandle BITS;

  static {
    try {
      BITS = MethodHandles.lookup().findVarHandle(CpuEvents.class, "bits", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** What compiled code polls: zero when there is nothing to look at. */
  public volatile int bits;

  private volatile int startupVector;
  private volatile @Nullable Thread parked;
  private volatile boolean executing;

  /** Guards the level of INTR, and with it {@link #INTERRUPT}. */
  private final Object interruptLock = new Object();

  private boolean interruptLevel;

  /** Interrupts are masked, and the level is kept from the bits. Written by the vCPU's thread. */
  private boolean interruptHeld;

  /** The bits, by a plain-cost load. */
  public int poll() {
    return (int) BITS.getOpaque(this);
  }

  public void post(int event) {
    int before = (int) BITS.getAndBitwiseOr(this, event);
    if ((before & event) != event) {
      Thread sleeper = parked;
      if (sleeper != null) {
        LockSupport.unpark(sleeper);
      }
    }
  }

  public void clear(int event) {
    int ignored = (int) BITS.getAndBitwiseAnd(this, ~event);
  }

  /** The level of the INTR input, from any thread. */
  public void setInterrupt(boolean level) {
    synchronized (interruptLock) {
      interruptLevel = level;
      if (!level) {
        clear(INTERRUPT);
      } else if (!interruptHeld) {
        post(INTERRUPT);
      }
    }
  }

  /**
   * Keeps the level of INTR from the bits until interrupts are permitted, so that code which masks
   * them is not stopped after each block for nothing. For the vCPU's thread, as all that follows.
   */
  public void holdInterrupt() {
    synchronized (interruptLock) {
      interruptHeld = true;
      clear(INTERRUPT);
    }
  }

  /** Interrupts are permitted: one that was held is posted. */
  public void releaseInterrupt() {
    if (interruptHeld) {
      synchronized (interruptLock) {
        interruptHeld = false;
        if (interruptLevel) {
          post(INTERRUPT);
        }
      }
    }
  }

  /**
   * Forgets a start-up IPI that came while the vCPU did not wait for one. One that came after an
   * INIT which the vCPU has not looked at yet is kept: the INIT will make it wait.
   */
  public void dropStartup() {
    int seen = bits;
    while ((seen & STARTUP) != 0
        && (seen & INIT) == 0
        && !BITS.compareAndSet(this, seen, seen & ~STARTUP)) {
      seen = bits;
    }
  }

  /** Latches a start-up IPI's vector and posts it. */
  public void postStartup(int vector) {
    startupVector = vector;
    post(STARTUP);
  }

  public int startupVector() {
    return startupVector;
  }

  /** Parks the calling vCPU thread until one of {@code wanted} is posted. */
  public void awaitAny(int wanted) {
    executing = false;
    parked = Thread.currentThread();
    while ((bits & wanted) == 0) {
      LockSupport.park(this);
    }
    parked = null;
    executing = true;
  }

  /**
   * Says whether guest code is being executed. Who posts an event and then sees false knows that
   * the vCPU will look at its events before the next guest instruction.
   */
  public void setExecuting(boolean value) {
    executing = value;
  }

  public boolean isExecuting() {
    return executing;
  }
}
