package org.maloca.x86.translate;

/** Stands for a translation that was asked for, so that its blocks do not ask again meanwhile. */
public final class Ticket {
  private volatile boolean closed;

  Ticket() {}

  /** The translation came, or will not come; from any thread. */
  void close() {
    closed = true;
  }

  public boolean isClosed() {
    return closed;
  }
}
