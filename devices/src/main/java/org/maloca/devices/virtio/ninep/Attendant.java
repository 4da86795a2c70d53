package org.maloca.devices.virtio.ninep;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.IoVector;

/**
 * A thread that does a server's work which may take for ever, one task at a time. Whoever gave it
 * the task may {@link #leave} it behind: it touches nothing but its server and memory of its own,
 * and closes both when the file system answers after all.
 */
final class Attendant implements Runnable {
  private static final int ROOM_BYTES = Session.MAX_MESSAGE_BYTES;

  /** So much of a message tells it from others: it has the tag, the fid and the offset. */
  private static final int HEAD_BYTES = 64;

  private static final long LOOK_MILLIS = 10;
  private static final long NANOS_PER_MILLI = 1_000_000;

  final NinepServer server;

  private final Runnable ended;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment message = arena.allocate(ROOM_BYTES, Long.BYTES);
  private final MemorySegment answer = arena.allocate(ROOM_BYTES, Long.BYTES);
  private final IoVector messagePieces = new IoVector();
  private final IoVector answerPieces = new IoVector();
  private final byte[] head = new byte[HEAD_BYTES];
  private final byte[] otherHead = new byte[HEAD_BYTES];
  private int headBytes;
  private final Consumer<NinepServer> serve = this::serve;
  private long answerBytes;
  private @Nullable Consumer<NinepServer> task;
  private @Nullable Throwable failure;
  private boolean isLeft;

  /**
   * Starts the thread.
   *
   * @param ended called when the thread ends, from it
   */
  Attendant(String name, NinepServer server, Runnable ended) {
    this.server = server;
    this.ended = ended;
    Thread.ofPlatform().name(name).daemon().start(this);
  }

  @Override
  public void run() {
    try {
      for (Consumer<NinepServer> next = next(); next != null; next = next()) {
        Throwable thrown = null;
        try {
          next.accept(server);
        } catch (RuntimeException | Error broken) {
          thrown = broken;
        }
        finish(thrown);
      }
    } finally {
      server.close();
      arena.close();
      ended.run();
    }
  }

  private void serve(NinepServer owner) {
    answerBytes = owner.serve(messagePieces, answerPieces);
  }

  private synchronized @Nullable Consumer<NinepServer> next() {
    while (task == null && !isLeft) {
      try {
        wait();
      } catch (InterruptedException nobodysBusiness) {
        continue;
      }
    }
    return isLeft ? null : task;
  }

  private synchronized void finish(@Nullable Throwable thrown) {
    task = null;
    failure = thrown;
    notifyAll();
  }

  synchronized boolean isBusy() {
    return task != null;
  }

  /** Starts a task; none is under way. */
  synchronized void begin(Consumer<NinepServer> next) {
    headBytes = 0;
    task = next;
    notifyAll();
  }

  /** Starts to serve a request, of which it keeps a copy. */
  synchronized void begin(IoVector request, long answerRoom) {
    long bytes = Math.min(request.bytes(), ROOM_BYTES);
    request.copyTo(0, message.address(), bytes);
    messagePieces.clear();
    messagePieces.add(message.address(), bytes);
    answerPieces.clear();
    answerPieces.add(answer.address(), Math.min(answerRoom, ROOM_BYTES));
    begin(serve);
    headBytes = copyHead(request, head);
  }

  /** Whether the task that was begun last is to serve this request. */
  synchronized boolean isServing(IoVector request) {
    int bytes = headBytes == 0 ? 0 : copyHead(request, otherHead);
    return bytes != 0 && Arrays.equals(head, 0, headBytes, otherHead, 0, bytes);
  }

  private static int copyHead(IoVector request, byte[] target) {
    int bytes = (int) Math.min(request.bytes(), HEAD_BYTES);
    request.copyTo(0, target, 0, bytes);
    return bytes;
  }

  /**
   * Waits for the task's end.
   *
   * @param isWanted whether somebody would like the waiting to end
   * @param patienceNanos how long it goes on nevertheless
   * @return false when it goes on without us
   */
  synchronized boolean await(BooleanSupplier isWanted, long patienceNanos) {
    long waitedNanos = 0;
    while (task != null) {
      long beforeNanos = System.nanoTime();
      try {
        wait(LOOK_MILLIS);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return false;
      }
      waitedNanos = isWanted.getAsBoolean() ? waitedNanos + System.nanoTime() - beforeNanos : 0;
      if (task != null && waitedNanos > Math.max(patienceNanos, LOOK_MILLIS * NANOS_PER_MILLI)) {
        return false;
      }
    }
    return true;
  }

  /** What the task threw. */
  synchronized void check() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** Copies the answer to the request that was served to the guest; the request is forgotten. */
  synchronized long give(IoVector target) {
    headBytes = 0;
    check();
    target.copyFrom(0, answer.address(), answerBytes);
    return answerBytes;
  }

  /** Lets the thread end by itself, now or when its task does. */
  synchronized void leave() {
    isLeft = true;
    notifyAll();
  }
}
