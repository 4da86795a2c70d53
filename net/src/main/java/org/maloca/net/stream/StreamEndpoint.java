package org.maloca.net.stream;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Where the two ends of a stream meet: one listens, the other connects, by TCP or a Unix socket.
 * The host is the user's: whoever connects to an address that listens is let in, so it should be of
 * the loopback or a folder that others cannot enter.
 */
public final class StreamEndpoint implements AutoCloseable {
  private final SocketAddress address;
  private final @Nullable ServerSocketChannel listener;

  /** A peer that came already; then what is to be done once it is gone. */
  private @Nullable SocketChannel accepted;

  private final @Nullable Runnable whenOver;

  private StreamEndpoint(SocketAddress address, @Nullable ServerSocketChannel listener) {
    this.address = address;
    this.listener = listener;
    whenOver = null;
  }

  private StreamEndpoint(SocketChannel accepted, Runnable whenOver) {
    address = UnixDomainSocketAddress.of("");
    listener = null;
    this.accepted = accepted;
    this.whenOver = whenOver;
  }

  /**
   * A peer that is there already, and does not come again.
   *
   * @param whenOver is run once it is gone
   */
  static StreamEndpoint accepted(SocketChannel channel, Runnable whenOver) {
    return new StreamEndpoint(channel, whenOver);
  }

  /** Whether it still listens. */
  boolean isOpen() {
    return listener != null && listener.isOpen();
  }

  /** Connects to who listens there, again and again. */
  public static StreamEndpoint connecting(SocketAddress address) {
    return new StreamEndpoint(address, null);
  }

  /**
   * Listens from now on; a Unix socket's file that nobody listens at any more is replaced.
   *
   * @throws IOException if the address cannot be had
   */
  public static StreamEndpoint listening(SocketAddress address) throws IOException {
    ServerSocketChannel listener =
        address instanceof UnixDomainSocketAddress
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    try {
      if (address instanceof UnixDomainSocketAddress unix) {
        removeStale(unix);
      }
      listener.bind(address, 1);
      return new StreamEndpoint(listener.getLocalAddress(), listener);
    } catch (IOException failure) {
      listener.close();
      throw failure;
    }
  }

  private static void removeStale(UnixDomainSocketAddress address) throws IOException {
    Path path = address.getPath();
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        || !Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther()) {
      return;
    }
    try {
      SocketChannel.open(address).close();
    } catch (ConnectException nobody) {
      Files.delete(path);
      return;
    }
    throw new BindException(path + " is in use");
  }

  /** The address; of a listening end the one that it was given. */
  public SocketAddress address() {
    return address;
  }

  /** Waits for a peer, or tries to reach it. */
  SocketChannel open() throws IOException {
    if (accepted != null) {
      SocketChannel once = accepted;
      accepted = null;
      return once;
    }
    if (whenOver != null) {
      whenOver.run();
      throw new IOException("the peer is gone");
    }
    SocketChannel channel = listener != null ? listener.accept() : SocketChannel.open(address);
    if (!(address instanceof UnixDomainSocketAddress)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
    return channel;
  }

  /** Stops listening; a Unix socket's file is removed. */
  @Override
  public void close() throws IOException {
    if (listener != null) {
      listener.close();
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    }
  }
}
