package org.maloca.net.service;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** What listens on a TCP port of the gateway. */
@FunctionalInterface
public interface StreamService {
  /**
   * A guest has connected; called with the network's lock held.
   *
   * @param switchPort number of the switch's port by which it came
   */
  Session open(int switchPort, InetSocketAddress client, Answers answers);

  /**
   * The way back to the guest, at any time and on any thread; what comes once the connection is
   * gone is lost.
   */
  interface Answers {
    void send(byte[] bytes);

    /** Nothing follows what was sent. What the guest still sends is not heard. */
    void end();
  }

  /** A connection. */
  @FunctionalInterface
  interface Session {
    /**
     * Takes all bytes that the guest has sent; called with the network's lock held.
     *
     * @return false when they are nonsense, and the connection should be reset
     */
    boolean receive(ByteBuffer bytes);

    /**
     * The guest has ended its side; called with the network's lock held.
     *
     * @return whether nothing more is sent to it; else the service ends the connection later
     */
    default boolean inputOver() {
      return true;
    }
  }
}
