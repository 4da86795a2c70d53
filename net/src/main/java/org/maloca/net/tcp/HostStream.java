package org.maloca.net.tcp;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/**
 * The other end of a guest's connection: a socket of the host, or a service of the gateway. Never
 * blocks. Guarded by the network's lock.
 */
interface HostStream extends ByteChannel {
  /** Starts; the connection is told by {@link TcpConnection#ready} of what it waits for. */
  void open(TcpConnection connection, boolean isConnected) throws IOException;

  /** Whether the way is open now; only asked after a word that it may be. */
  boolean finishConnect() throws IOException;

  /** What to wait for: {@code SelectionKey.OP_READ} and {@code OP_WRITE}, or nothing. */
  void await(int operations);

  /** The guest has ended its side. */
  void shutdownOutput() throws IOException;

  /** Ends at once, as the guest did. */
  void reset();

  /** Ends; nobody could do anything about a failure. */
  @Override
  void close();
}
