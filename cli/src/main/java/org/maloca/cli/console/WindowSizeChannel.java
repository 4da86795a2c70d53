package org.maloca.cli.console;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;

/**
 * Tells a guest of ours the terminal's size: a line {@code rows columns} on a second serial port,
 * at each change and whenever the guest's end says a line of its own. A serial line has no other
 * way to carry it.
 */
public final class WindowSizeChannel implements CharBackend {
  private final Object lock = new Object();
  private @Nullable Receiver receiver;
  private int rows;
  private int columns;
  private boolean isDue;

  /** Starts with that size. */
  public WindowSizeChannel(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    Thread thread = new Thread(this::loop, "maloca-winsize");
    thread.setDaemon(true);
    thread.start();
  }

  /** The size is different now. */
  public void resized(int newRows, int newColumns) {
    synchronized (lock) {
      rows = newRows;
      columns = newColumns;
      isDue = true;
      lock.notifyAll();
    }
  }

  @Override
  public void transmit(byte value) {
    if (value == '\n') {
      synchronized (lock) {
        isDue = true;
        lock.notifyAll();
      }
    }
  }

  @Override
  public void connect(Receiver device) {
    synchronized (lock) {
      receiver = device;
    }
  }

  private void loop() {
    try {
      while (true) {
        byte[] line;
        Receiver device;
        synchronized (lock) {
          while (!isDue || receiver == null) {
            lock.wait();
          }
          isDue = false;
          device = receiver;
          line = (rows + " " + columns + "\n").getBytes(StandardCharsets.US_ASCII);
        }
        send(device, line);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(Receiver device, byte[] line) throws InterruptedException {
    int done = 0;
    while (done < line.length) {
      int taken = device.receive(line, done, line.length - done);
      done += taken;
      if (taken == 0) {
        device.awaitRoom();
      }
    }
  }
}
