package org.maloca.guests;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;

/**
 * The host's end of a guest's serial port, for a test that waits for text and types. Waiting fails,
 * showing the last of what came, when the machine ends or nothing comes for minutes. Carriage
 * returns are left out.
 */
final class SerialLine implements CharBackend {
  /** Only keeps a broken guest from holding up a build for ever. */
  private static final long SILENCE_SECONDS = 300;

  private static final int SHOWN_AT_FAILURE = 4000;

  private static final String DONE = "@@done ";
  private static final String LINE_END = "@@\n";

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StringBuilder text = new StringBuilder();
  private int position;
  private boolean isHungUp;
  private @Nullable Receiver receiver;

  @Override
  public void transmit(byte value) {
    if (value == '\r') {
      return;
    }
    lock.lock();
    try {
      text.append((char) (value & 0xff));
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void connect(Receiver device) {
    receiver = device;
  }

  /** Says that nothing more will come. */
  void hangUp() {
    lock.lock();
    try {
      isHungUp = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a text after what was waited for last; answers what came before it. */
  String await(String wanted) {
    lock.lock();
    try {
      int from = position;
      int found;
      while ((found = text.indexOf(wanted, from)) < 0) {
        from = Math.max(position, text.length() - wanted.length());
        if (isHungUp) {
          throw failure("the machine ended before it said '%s'".formatted(wanted));
        }
        awaitChange(wanted);
      }
      String before = text.substring(position, found);
      position = found + wanted.length();
      return before;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the machine has ended. */
  void awaitHangUp() {
    lock.lock();
    try {
      while (!isHungUp) {
        awaitChange("good-bye");
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitChange(String wanted) {
    try {
      if (!changed.await(SILENCE_SECONDS, TimeUnit.SECONDS)) {
        throw failure("the guest is silent and has not said '%s'".formatted(wanted));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private AssertionError failure(String what) {
    String last = text.substring(Math.max(0, text.length() - SHOWN_AT_FAILURE));
    return new AssertionError(what + "; its last words:\n" + last);
  }

  /** Types bytes as fast as the port takes them. */
  void type(byte[] bytes) {
    Receiver device = Objects.requireNonNull(receiver);
    int done = 0;
    try {
      while (done < bytes.length) {
        done += device.receive(bytes, done, bytes.length - done);
        if (done < bytes.length) {
          device.awaitRoom();
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** Types a line. */
  void send(String line) {
    type((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Types a command for a guest that evaluates each line and tells the exit status in one that
   * starts with {@link #DONE}; answers what it prints, without white space at either end.
   */
  String run(String command) {
    send(command);
    String output = await(DONE);
    String status = await(LINE_END);
    if (!status.equals("0")) {
      throw new AssertionError("'%s' failed with %s:%n%s".formatted(command, status, output));
    }
    return output.strip();
  }
}
