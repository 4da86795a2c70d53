package org.maloca.machine.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.maloca.core.defect.DefectLog;

/**
 * The one thread that changes a machine's state. Requests come from anywhere and are carried out in
 * order. A guest's request is noted at most once at a time, so a guest that asks in a loop does not
 * fill the queue.
 */
final class StateDriver {
  private record Request(Runnable action, @Nullable CompletableFuture<Void> done) {}

  private final DefectLog defects = new DefectLog(System.getLogger(StateDriver.class.getName()));
  private final LinkedBlockingQueue<Request> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean finished;

  StateDriver(String machineName) {
    thread = new Thread(this::loop, "maloca-" + machineName + "-state");
    thread.setDaemon(true);
    thread.start();
  }

  /** A request that is worth having in the queue once only. */
  final class Once {
    private final AtomicBoolean isQueued = new AtomicBoolean();

    /** Queues it unless it is queued already. Does not block. */
    void submit(Runnable action) {
      if (isQueued.compareAndSet(false, true)) {
        queue.add(
            new Request(
                () -> {
                  isQueued.set(false);
                  action.run();
                },
                null));
      }
    }
  }

  /** Carries it out and waits for it; its exceptions come back. Not for the driver's own thread. */
  void execute(Runnable action) {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException("a listener must not wait for its machine");
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    queue.add(new Request(action, done));
    try {
      done.join();
    } catch (java.util.concurrent.CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    }
  }

  /** Ends the thread after what is queued. */
  void finish() {
    queue.add(new Request(() -> finished = true, null));
  }

  private void loop() {
    while (!finished) {
      Request request;
      try {
        request = queue.take();
      } catch (InterruptedException nobodyInterruptsUs) {
        return;
      }
      try {
        request.action.run();
        if (request.done != null) {
          request.done.complete(null);
        }
      } catch (RuntimeException | Error failure) {
        if (request.done != null) {
          request.done.completeExceptionally(failure);
        } else {
          defects.tell("state change failed", failure);
        }
      }
    }
  }
}
