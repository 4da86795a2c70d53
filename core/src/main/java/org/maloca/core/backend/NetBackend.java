package org.maloca.core.backend;

/**
 * The host's side of a network card: what the card's cable leads to.
 *
 * <p>Frames from the guest may need a checksum or stand for many (see {@link NetFrame}); every
 * backend takes them so. Frames to the guest may do so as far as {@link Port#features} allows.
 */
public interface NetBackend extends AutoCloseable {
  /** The guest accepts frames whose checksum is not filled in. */
  int CHECKSUM = 1;

  /** The guest accepts TCP over IPv4 in large frames. */
  int TCP_IPV4 = 1 << 1;

  /** The guest accepts TCP over IPv6 in large frames. */
  int TCP_IPV6 = 1 << 2;

  /** The guest accepts UDP in large frames. */
  int UDP = 1 << 3;

  /** Says where frames to the guest go; once, before the machine starts. */
  void connect(Port port);

  /**
   * Whether the guest may send now, as cards ask before each frame. If not, what it has to send
   * waits in its own queues, and {@link Port#transmitReady} will be called.
   */
  default boolean mayTransmit() {
    return true;
  }

  /**
   * Takes a frame from the guest; it may be used until the call returns. Called by one of the
   * card's threads at a time for each queue, without locks held. What the backend cannot take now
   * it drops, as a switch does: no frame is waited for.
   */
  void transmit(NetFrame frame);

  /** The guest has posted receive buffers after {@link Port#receive} had refused a frame. */
  default void roomAvailable() {}

  /** No frames are to be delivered from the return on, until {@link #resume}. */
  default void pause() {}

  default void resume() {}

  @Override
  void close();

  /** The card. Safe for any thread. */
  interface Port {
    /**
     * Delivers a frame to the guest, copying it.
     *
     * @return false when the guest has no buffers for it now: {@link #roomAvailable} will be called
     *     once it has. A frame that the card filters out or cannot take at all counts as delivered.
     */
    boolean receive(NetFrame frame);

    /** The guest may send again, which {@link NetBackend#mayTransmit} had denied. */
    default void transmitReady() {}

    /**
     * Whether there is somebody at the cable's other end from now on. A cable that never says so is
     * connected for good.
     */
    default void linkChanged(boolean isUp) {}

    /** What kinds of frame the guest accepts; a sum of the constants above. May change. */
    int features();

    /** The card's address: six bytes. */
    byte[] macAddress();
  }
}
