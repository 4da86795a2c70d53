package org.maloca.net.tcp;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.net.nat.EventLoop;

/** A socket of the host. */
final class SocketStream implements HostStream, EventLoop.Handler {
  private final EventLoop loop;
  private final SocketChannel channel;
  private @Nullable SelectionKey key;
  private @Nullable TcpConnection connection;

  /**
   * Wraps a socket.
   *
   * @param channel non-blocking
   */
  SocketStream(EventLoop loop, SocketChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  @Override
  public void open(TcpConnection of, boolean isConnected) throws IOException {
    connection = of;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    // The guest's own probes are answered here, so it would never learn that the peer is gone.
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    // Of urgent data no more is passed on than of others, but not a byte less (RFC 6093).
    channel.socket().setOOBInline(true);
    key = loop.register(channel, isConnected ? 0 : SelectionKey.OP_CONNECT, this);
  }

  @Override
  public void ready(SelectionKey readyKey) {
    TcpConnection of = connection;
    if (of != null) {
      of.ready(readyKey.isWritable());
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    return channel.finishConnect();
  }

  @Override
  public void await(int operations) {
    SelectionKey registered = key;
    if (registered != null) {
      loop.await(registered, operations);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return channel.write(source);
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException | UnsupportedOperationException notPossible) {
      // Then it ends without a reset.
    }
    close();
    // The other side sees it only when the selector lets go of the socket.
    loop.wake();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException ignored) {
      // Nothing more can be done about it.
    }
    loop.closed();
  }
}
