package org.maloca.core.backend;

/** The host's side of a character device: a terminal, a pipe, a log. */
public interface CharBackend extends AutoCloseable {
  /** A backend that swallows output and never has input. */
  CharBackend NONE =
      new CharBackend() {
        @Override
        public void transmit(byte value) {}

        @Override
        public void connect(Receiver receiver) {}
      };

  /**
   * Takes a byte from the guest. Called on a vCPU thread without locks held; must not block for
   * long and must bound what it keeps.
   */
  void transmit(byte value);

  /** Says who takes the host's input; called once, before the machine starts. */
  void connect(Receiver receiver);

  @Override
  default void close() {}

  /** The device's input. Safe for any thread. */
  interface Receiver {
    /**
     * Offers bytes; the device takes as many as it has room for now.
     *
     * @return how many were taken; offer the rest after {@link #awaitRoom}
     */
    int receive(byte[] bytes, int offset, int length);

    /** Waits until there is room for at least one byte. */
    void awaitRoom() throws InterruptedException;
  }
}
