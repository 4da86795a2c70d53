package org.maloca.devices.virtio.ninep;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;

/**
 * A server whose file system may stop to answer for a while or for good, as one of another machine
 * does. What is quick is served by who asks; what may take long goes to an {@link Attendant}'s
 * thread. A pause waits for that as long as {@link #PATIENCE_NANOS}, then the request stays to be
 * served again, which means that its answer is waited for again. A reset leaves the thread behind
 * and starts with another one on the same folder; there are no more than {@link #MAX_LEFT} of those
 * that were left, and then requests fail until one of them comes back.
 *
 * <p>Safe for any thread; the device calls one at a time.
 */
final class DetachableServer implements AutoCloseable {
  /** What {@link #serve} answers when the request is still under way. */
  static final long LATER = -1;

  private static final long PATIENCE_NANOS = 250_000_000;

  /** For what cannot be put off, as a snapshot. */
  private static final long LONG_PATIENCE_NANOS = 10_000_000_000L;

  private static final int MAX_LEFT = 4;
  private static final Logger LOG = System.getLogger(DetachableServer.class.getName());

  private final String name;
  private final AtomicInteger leftBehind = new AtomicInteger();
  private final Request refused = new Request();
  private final Reply refusal = new Reply();
  private Attendant attendant;
  private boolean isClosed;

  /** Whether a reset could be neither done nor left behind, so that nothing goes on without it. */
  private boolean owesReset;

  DetachableServer(String name, NinepServer server) {
    this.name = name;
    attendant = attend(server);
  }

  private Attendant attend(NinepServer server) {
    leftBehind.incrementAndGet();
    return new Attendant(name, server, leftBehind::decrementAndGet);
  }

  private boolean isLost() {
    // The one in use is counted, too.
    return isClosed || leftBehind.get() > MAX_LEFT + 1;
  }

  /** As {@link NinepServer#serveAtOnce}. */
  synchronized long serveAtOnce(IoVector message, IoVector answer) {
    return isLost() || owesReset || attendant.isBusy()
        ? NinepServer.NOT_AT_ONCE
        : attendant.server.serveAtOnce(message, answer);
  }

  /**
   * Serves a request.
   *
   * @param isWanted whether somebody waits for this call to end
   * @return bytes of the reply, or {@link #LATER}
   */
  synchronized long serve(IoVector message, IoVector answer, BooleanSupplier isWanted) {
    if (isLost() || owesReset && !resetNow()) {
      return refuse(message, answer);
    }
    if (!attendant.isServing(message)) {
      // One whose queue the driver took away may still be under way.
      if (!attendant.await(isWanted, PATIENCE_NANOS)) {
        return LATER;
      }
      attendant.begin(message, answer.bytes());
    }
    return attendant.await(isWanted, PATIENCE_NANOS) ? attendant.give(answer) : LATER;
  }

  private long refuse(IoVector message, IoVector answer) {
    if (!refused.take(message)) {
      return 0;
    }
    refusal.begin(answer, NinepServer.MIN_MESSAGE_BYTES);
    return refusal.fail(refused.tag(), Errno.EIO);
  }

  /** Forgets the guest's handles and locks, and what is under way. */
  synchronized void reset() {
    if (isClosed || resetNow()) {
      return;
    }
    LOG.log(Level.WARNING, name + ": the shared folder does not answer; leaving it to that");
    try {
      NinepServer next = attendant.server.another();
      attendant.leave();
      attendant = attend(next);
      owesReset = false;
    } catch (IllegalStateException noDescriptors) {
      LOG.log(Level.WARNING, name + ": it is not opened anew", noDescriptors);
    }
  }

  /** Resets the server, unless it is busy. */
  private boolean resetNow() {
    owesReset = attendant.isBusy() || !run(NinepServer::reset, PATIENCE_NANOS);
    return !owesReset;
  }

  /**
   * Does something with the server.
   *
   * @return false when that takes too long; it may still come to pass
   */
  synchronized boolean run(Consumer<NinepServer> task) {
    return attendant.await(() -> true, LONG_PATIENCE_NANOS) && run(task, LONG_PATIENCE_NANOS);
  }

  private boolean run(Consumer<NinepServer> task, long patienceNanos) {
    attendant.begin(task);
    if (!attendant.await(() -> true, patienceNanos)) {
      return false;
    }
    attendant.check();
    return true;
  }

  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      attendant.leave();
    }
  }
}
