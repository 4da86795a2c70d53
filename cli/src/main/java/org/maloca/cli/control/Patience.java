package org.maloca.cli.control;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;

/**
 * Closes a channel on which nothing was heard for a time, so that whoever waits for it waits no
 * longer: a process that was stopped keeps its sockets, and never answers.
 */
final class Patience implements AutoCloseable {
  private final Channel channel;
  private final long nanos;
  private long heardNanos = System.nanoTime();
  private boolean isOver;
  private boolean isAtAnEnd;

  /** Begins now. */
  Patience(Channel channel, Duration duration) {
    this.channel = channel;
    nanos = duration.toNanos();
    Thread.ofVirtual().name("maloca-patience").start(this::watch);
  }

  /** Something was heard: the time begins anew. */
  synchronized void heard() {
    heardNanos = System.nanoTime();
  }

  /** Whether it was this that closed the channel. */
  synchronized boolean isAtAnEnd() {
    return isAtAnEnd;
  }

  private synchronized void watch() {
    try {
      long left = nanos;
      while (!isOver && left > 0) {
        wait(left / 1_000_000 + 1);
        left = heardNanos + nanos - System.nanoTime();
      }
      if (!isOver) {
        isAtAnEnd = true;
        channel.close();
      }
    } catch (InterruptedException | IOException ending) {
      // Then it is not needed, or cannot be helped.
    }
  }

  @Override
  public synchronized void close() {
    isOver = true;
    notifyAll();
  }
}
