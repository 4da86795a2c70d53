package org.maloca.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the guest of {@link NetBench} talks to, on a port of the loopback for TCP and UDP. A
 * stream's first byte says what it is for; a datagram's is its kind, and a number follows.
 */
final class NetBenchPeer implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 << 10;
  private static final int WINDOW = 64;
  private static final int DATAGRAM_BYTES = 200;
  private static final int HEADER_BYTES = 5;
  private static final int ECHO_BYTES = 4096;

  /** Beyond so many, streams are served by threads that cost little, as they are idle. */
  private static final int CROWD = 100;

  private final ServerSocketChannel streams;
  private final DatagramChannel datagrams;
  private final AtomicInteger open = new AtomicInteger();

  /** Listens. */
  NetBenchPeer() throws IOException {
    streams = ServerSocketChannel.open();
    datagrams = DatagramChannel.open();
    streams.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    datagrams.bind(streams.getLocalAddress());
    Thread.ofPlatform().daemon().name("net-bench-tcp").start(this::accept);
    Thread.ofPlatform().daemon().name("net-bench-udp").start(this::exchange);
  }

  int port() throws IOException {
    return ((InetSocketAddress) streams.getLocalAddress()).getPort();
  }

  private void accept() {
    while (streams.isOpen()) {
      try {
        SocketChannel stream = streams.accept();
        boolean isCrowded = open.incrementAndGet() > CROWD;
        (isCrowded ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(() -> serve(stream));
      } catch (IOException closing) {
        return;
      }
    }
  }

  private void serve(SocketChannel stream) {
    ByteBuffer first = ByteBuffer.allocate(1);
    try (stream) {
      stream.setOption(StandardSocketOptions.TCP_NODELAY, true);
      read(stream, first);
      switch (first.get(0)) {
        case 's' -> sink(stream, ByteBuffer.allocateDirect(CHUNK_BYTES));
        case 'g' -> generate(stream, ByteBuffer.allocateDirect(CHUNK_BYTES));
        default -> echo(stream, ByteBuffer.allocate(ECHO_BYTES));
      }
    } catch (IOException gone) {
      // The guest says so, if that was too early.
    } finally {
      open.decrementAndGet();
    }
  }

  private static void read(SocketChannel stream, ByteBuffer wanted) throws IOException {
    while (wanted.hasRemaining()) {
      if (stream.read(wanted) < 0) {
        throw new IOException("it ended early");
      }
    }
  }

  private static void sink(SocketChannel stream, ByteBuffer buffer) throws IOException {
    long total = 0;
    buffer.clear();
    for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
      for (int i = 0; i < count; i += 4093) {
        if (buffer.get(i) != (byte) ((total + i) >> 3)) {
          throw new IOException("wrong bytes at " + (total + i));
        }
      }
      total += count;
      buffer.clear();
    }
    stream.write(buffer.clear().putLong(0, total).limit(8));
  }

  private static void generate(SocketChannel stream, ByteBuffer buffer) throws IOException {
    read(stream, buffer.clear().limit(8));
    long wanted = buffer.getLong(0);
    buffer.clear();
    for (int i = 0; i < buffer.capacity(); i++) {
      buffer.put(i, (byte) (i >> 3));
    }
    for (long sent = 0; sent < wanted; sent += stream.write(buffer)) {
      buffer.position((int) (sent % CHUNK_BYTES));
      buffer.limit((int) Math.min(CHUNK_BYTES, buffer.position() + wanted - sent));
    }
  }

  private static void echo(SocketChannel stream, ByteBuffer buffer) throws IOException {
    buffer.clear();
    while (stream.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        stream.write(buffer);
      }
      buffer.clear();
    }
  }

  private void exchange() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
    SocketAddress counted = datagrams.socket().getLocalSocketAddress();
    int arrived = 0;
    int sent = 0;
    try {
      while (true) {
        buffer.clear();
        SocketAddress from = datagrams.receive(buffer);
        if (!from.equals(counted)) {
          counted = from;
          arrived = 0;
          sent = 0;
        }
        int number = buffer.getInt(1);
        switch (buffer.get(0)) {
          case 'd' -> {
            arrived++;
            if (arrived % (WINDOW / 4) == 0) {
              send(buffer, from, arrived, HEADER_BYTES);
            }
          }
          case 'q' -> send(buffer, from, arrived, HEADER_BYTES);
          default -> {
            // Of what the guest has not seen, none is on its way any more if it says so.
            sent = buffer.get(0) == 'l' ? number : sent;
            while (sent < number + WINDOW) {
              send(buffer, from, sent++, DATAGRAM_BYTES);
            }
          }
        }
      }
    } catch (IOException closing) {
      // The measurement is over.
    }
  }

  private void send(ByteBuffer buffer, SocketAddress to, int number, int bytes) throws IOException {
    datagrams.send(buffer.clear().limit(bytes).putInt(1, number), to);
  }

  @Override
  public void close() throws IOException {
    streams.close();
    datagrams.close();
  }
}
