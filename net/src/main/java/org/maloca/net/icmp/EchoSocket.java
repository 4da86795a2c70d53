package org.maloca.net.icmp;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The host's way of sending echo requests with a payload and hop limit of our choice. */
public interface EchoSocket extends AutoCloseable {
  /** Who hears what became of requests; called without locks held, by a thread of the socket's. */
  interface Listener {
    /**
     * An answer came.
     *
     * @param message the ICMP message, from the position to the limit, until the call returns
     * @param high the address that it came from, with {@code low}
     */
    void replied(ByteBuffer message, long high, long low);

    /**
     * An ICMP error came for a request.
     *
     * @param typeAndCode of the error
     * @param mtuBytes of the link that the request was too large for; else 0
     * @param high the address of who says so, with {@code low}
     * @param request the ICMP message that did not arrive, as far as it is known
     */
    void failed(int typeAndCode, int mtuBytes, long high, long low, ByteBuffer request);
  }

  /** Opens sockets. */
  @FunctionalInterface
  interface Opener {
    /**
     * Opens one.
     *
     * @throws IOException if the host has none for us, saying why
     */
    EchoSocket open(boolean isIpv6, Listener listener) throws IOException;
  }

  /**
   * Sends a request; for one thread at a time. The host sets the identifier and the checksum, and
   * keeps the sequence number.
   *
   * @param message the ICMP message, from the position to the limit
   * @return false when the host has no way there
   */
  boolean send(ByteBuffer message, long high, long low, int hopLimit);

  @Override
  void close();
}
