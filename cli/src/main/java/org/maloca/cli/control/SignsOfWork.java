package org.maloca.cli.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Tells a client every second, until it is closed, that its request is being worked on. */
final class SignsOfWork implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 1000;

  private final SocketChannel client;
  private boolean isDone;

  /** Begins now. */
  SignsOfWork(SocketChannel client) {
    this.client = client;
    Thread.ofVirtual().name("maloca-control-signs").start(this::send);
  }

  private synchronized void send() {
    try {
      wait(INTERVAL_MILLIS);
      while (!isDone) {
        Exchange.write(client, "" + Exchange.WORKING);
        wait(INTERVAL_MILLIS);
      }
    } catch (InterruptedException | IOException gone) {
      // Nobody is there to be told.
    }
  }

  /** Nothing more is sent when this returns. */
  @Override
  public synchronized void close() {
    isDone = true;
    notifyAll();
  }
}
