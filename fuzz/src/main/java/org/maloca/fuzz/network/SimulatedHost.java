package org.maloca.fuzz.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.maloca.fuzz.guided.Input;

/** What a guest's flows lead to: a TCP and a UDP port of the loopback that do as they are told. */
final class SimulatedHost implements AutoCloseable {
  private static final int MAX_BYTES = 1 << 16;

  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final DatagramChannel datagrams = DatagramChannel.open();
  private final List<SocketChannel> sockets = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);

  SimulatedHost() throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    server.bind(new InetSocketAddress(loopback, 0)).configureBlocking(false);
    datagrams.bind(new InetSocketAddress(loopback, 0)).configureBlocking(false);
  }

  int tcpPort() {
    return server.socket().getLocalPort();
  }

  int udpPort() {
    return datagrams.socket().getLocalPort();
  }

  /** Accepts what came, then reads, writes, ends or resets all connections. */
  void act(int what, Input input) throws IOException {
    accept();
    for (SocketChannel socket : List.copyOf(sockets)) {
      try {
        act(socket, what, input);
      } catch (IOException gone) {
        close(socket);
      }
    }
    echo();
  }

  private void accept() throws IOException {
    for (SocketChannel one = server.accept(); one != null; one = server.accept()) {
      one.configureBlocking(false);
      sockets.add(one);
    }
  }

  private void act(SocketChannel socket, int what, Input input) throws IOException {
    switch (what & 7) {
      case 0, 1 -> {
        int ignored = socket.read(buffer.clear());
      }
      case 2, 3 -> {
        int ignored = socket.write(buffer.clear().limit(input.u16()));
      }
      case 4 -> socket.shutdownOutput();
      case 5 -> {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        close(socket);
      }
      case 6 -> close(socket);
      default -> {
        // Only accepted.
      }
    }
  }

  private void close(SocketChannel socket) throws IOException {
    socket.close();
    sockets.remove(socket);
  }

  private void echo() throws IOException {
    for (var from = datagrams.receive(buffer.clear());
        from != null;
        from = datagrams.receive(buffer.clear())) {
      int ignored = datagrams.send(buffer.flip(), from);
    }
  }

  /** Ends all connections. */
  void reset() throws IOException {
    accept();
    for (SocketChannel socket : sockets) {
      socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      socket.close();
    }
    sockets.clear();
    echo();
  }

  @Override
  public void close() throws IOException {
    reset();
    server.close();
    datagrams.close();
  }
}
