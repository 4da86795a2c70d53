package org.maloca.net.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.maloca.net.nat.EventLoop;
import org.maloca.net.service.StreamService;

/**
 * A service of the gateway at the end of a guest's connection. A guest that does not take its
 * answers is not listened to until it does.
 */
final class ServiceStream implements HostStream, StreamService.Answers {
  private static final int MAX_WAITING_BYTES = 128 * 1024;

  private final EventLoop loop;
  private final StreamService service;
  private final int switchPort;
  private final InetSocketAddress client;
  private final Runnable whenClosed;
  private final ArrayDeque<ByteBuffer> answers = new ArrayDeque<>();
  private StreamService.@Nullable Session session;
  private @Nullable TcpConnection connection;
  private int waitingBytes;
  private int awaited;
  private boolean isOver;
  private boolean isClosed;

  /**
   * Makes one.
   *
   * @param whenClosed is run once when it is over
   */
  ServiceStream(
      EventLoop loop,
      StreamService service,
      int switchPort,
      InetSocketAddress client,
      Runnable whenClosed) {
    this.loop = loop;
    this.whenClosed = whenClosed;
    this.service = service;
    this.switchPort = switchPort;
    this.client = client;
  }

  @Override
  public void open(TcpConnection of, boolean isConnected) {
    connection = of;
    session = service.open(switchPort, client, this);
  }

  @Override
  public void send(byte[] bytes) {
    synchronized (loop.lock()) {
      if (isClosed || isOver) {
        return;
      }
      answers.add(ByteBuffer.wrap(bytes));
      waitingBytes += bytes.length;
      tell(SelectionKey.OP_READ);
    }
  }

  @Override
  public void end() {
    synchronized (loop.lock()) {
      isOver = true;
      tell(SelectionKey.OP_READ);
    }
  }

  private void tell(int operation) {
    TcpConnection of = connection;
    // An answer from within write() is read when that returns.
    if (of != null && (awaited & operation) != 0) {
      of.ready(operation == SelectionKey.OP_WRITE);
    }
  }

  @Override
  public boolean finishConnect() {
    return true;
  }

  @Override
  public void await(int operations) {
    awaited = operations;
    if ((operations & SelectionKey.OP_WRITE) != 0 && waitingBytes <= MAX_WAITING_BYTES) {
      tell(SelectionKey.OP_WRITE);
    }
  }

  @Override
  public int read(ByteBuffer target) {
    int total = 0;
    ByteBuffer first = answers.peek();
    while (first != null && target.hasRemaining()) {
      int count = Math.min(first.remaining(), target.remaining());
      target.put(target.position(), first, first.position(), count);
      target.position(target.position() + count);
      first.position(first.position() + count);
      total += count;
      if (!first.hasRemaining()) {
        answers.remove();
      }
      first = answers.peek();
    }
    waitingBytes -= total;
    return total == 0 && isOver && target.hasRemaining() ? -1 : total;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    StreamService.Session open = session;
    if (open == null || waitingBytes > MAX_WAITING_BYTES) {
      return 0;
    }
    int count = source.remaining();
    // What it answers at once is not to be sent from in here.
    awaited &= ~SelectionKey.OP_READ;
    if (!isOver && !open.receive(source)) {
      throw new IOException("the guest sends nonsense");
    }
    source.position(source.limit());
    return count;
  }

  @Override
  public void shutdownOutput() {
    StreamService.Session open = session;
    if (open == null || open.inputOver()) {
      isOver = true;
      tell(SelectionKey.OP_READ);
    }
  }

  @Override
  public void reset() {
    close();
  }

  @Override
  public boolean isOpen() {
    return !isClosed;
  }

  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    whenClosed.run();
    answers.clear();
    waitingBytes = 0;
  }
}
