package org.maloca.net.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.defect.DefectLog;
import org.maloca.net.frame.DeliveringBackend;
import org.maloca.net.frame.FrameQueue;
import org.maloca.net.frame.FrameSegmenter;

/**
 * A cable that is a stream socket, in the format of QEMU's {@code -netdev stream} and {@code
 * -netdev socket}: each frame behind its length in four big-endian bytes. Frames are whole: what
 * the guest left undone is done before. A peer that goes away is waited for or connected to again;
 * meanwhile the card has no link, as with a cable pulled.
 */
public final class StreamBackend extends DeliveringBackend {
  /** The longest frame that either side sends; QEMU's buffer has room for 68 KiB. */
  static final int MAX_FRAME_BYTES = 65536 + 4096;

  private static final int LENGTH_BYTES = 4;
  private static final int QUEUE_BYTES = 1 << 20;
  private static final int READ_BYTES = 1 << 18;

  private final DefectLog defects = new DefectLog(System.getLogger(StreamBackend.class.getName()));
  private final StreamEndpoint endpoint;
  private final long retryMillis;
  private final FrameQueue queue = new FrameQueue(QUEUE_BYTES);
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final Thread connector;
  private @Nullable Port port;
  private volatile @Nullable SocketChannel channel;
  private volatile boolean closed;

  /**
   * Makes a backend; nothing happens before {@link #connect}.
   *
   * @param name for threads
   * @param retryMillis between attempts to connect, more than 0
   */
  public StreamBackend(StreamEndpoint endpoint, String name, long retryMillis) {
    this.endpoint = endpoint;
    this.retryMillis = retryMillis;
    connector = Thread.ofVirtual().name(name + "-stream").unstarted(this::keepConnected);
  }

  @Override
  public void connect(Port card) {
    port = card;
    delivery().connect(card);
    card.linkChanged(false);
    connector.start();
  }

  /** Whether there is a peer now. */
  public boolean isConnected() {
    return channel != null;
  }

  /** How many frames the peer was too slow for. */
  public long dropped() {
    return queue.dropped();
  }

  @Override
  public void transmit(NetFrame frame) {
    if (channel != null) {
      synchronized (segmenter) {
        segmenter.segment(frame, queue::offer);
      }
    }
  }

  private void keepConnected() {
    while (!closed) {
      try (SocketChannel peer = endpoint.open()) {
        exchange(peer);
      } catch (IOException none) {
        // Gone, or not there yet.
      } catch (RuntimeException | Error defect) {
        defects.tell("a stream cable is laid anew", defect);
      } catch (InterruptedException closing) {
        return;
      }
      if (!closed && !pauseBetweenAttempts()) {
        return;
      }
    }
  }

  private boolean pauseBetweenAttempts() {
    try {
      Thread.sleep(retryMillis);
      return true;
    } catch (InterruptedException closing) {
      return false;
    }
  }

  private void exchange(SocketChannel peer) throws IOException, InterruptedException {
    queue.clear();
    Thread writer =
        Thread.ofVirtual().name(connector.getName() + "-out").start(() -> writeTo(peer));
    try {
      channel = peer;
      tellLink(true);
      if (!closed) {
        readFrom(peer);
      }
    } finally {
      channel = null;
      peer.close();
      writer.interrupt();
      writer.join();
      tellLink(false);
    }
  }

  private void tellLink(boolean isUp) {
    Port card = port;
    if (card != null && !closed) {
      card.linkChanged(isUp);
    }
  }

  private void writeTo(SocketChannel peer) {
    ByteBuffer length = ByteBuffer.allocateDirect(LENGTH_BYTES);
    ByteBuffer[] parts = {length, length};
    try (peer) {
      while (queue.await()) {
        ByteBuffer frame = queue.peek();
        if (frame != null) {
          length.clear().putInt(0, frame.remaining());
          parts[1] = frame;
          while (frame.hasRemaining()) {
            peer.write(parts);
          }
          queue.remove();
        }
      }
    } catch (IOException | InterruptedException gone) {
      // The reader notices as well, and sees to the next connection.
    }
  }

  private void readFrom(SocketChannel peer) throws IOException, InterruptedException {
    ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
    NetFrame frame = new NetFrame();
    while (peer.read(input) >= 0) {
      input.flip();
      while (input.remaining() >= LENGTH_BYTES) {
        int length = input.getInt(input.position());
        if (length < 0 || length > MAX_FRAME_BYTES) {
          throw new IOException("a frame of " + length + " bytes");
        }
        if (input.remaining() < LENGTH_BYTES + length) {
          break;
        }
        int start = input.position() + LENGTH_BYTES;
        input.position(start + length);
        // Too long for the contract: nothing that a guest could take.
        if (length > 0 && length <= NetFrame.MAX_BYTES) {
          frame.clear();
          frame.bytes().put(0, input, start, length).limit(length);
          if (!delivery().deliver(frame)) {
            return;
          }
        }
      }
      input.compact();
    }
  }

  @Override
  public void close() {
    closed = true;
    queue.close();
    delivery().close();
    connector.interrupt();
    try {
      SocketChannel peer = channel;
      if (peer != null) {
        peer.close();
      }
      endpoint.close();
    } catch (IOException alreadyGone) {
      // Nothing that anybody could do about it.
    }
  }
}
