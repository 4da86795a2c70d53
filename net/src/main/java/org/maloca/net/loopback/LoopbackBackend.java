package org.maloca.net.loopback;

import java.nio.ByteBuffer;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.frame.DeliveringBackend;
import org.maloca.net.frame.FrameQueue;
import org.maloca.net.frame.FrameSegmenter;

/**
 * Gives each frame back to the guest, whole, as a plug with its pins joined would; for tests of
 * drivers and cards.
 */
public final class LoopbackBackend extends DeliveringBackend {
  private static final int QUEUE_BYTES = 1 << 20;

  private final FrameQueue queue = new FrameQueue(QUEUE_BYTES);
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final Thread thread;

  /** Makes a backend; the name is for its thread. */
  public LoopbackBackend(String name) {
    thread = Thread.ofVirtual().name(name + "-loopback").unstarted(this::deliver);
  }

  @Override
  public void connect(Port port) {
    delivery().connect(port);
    thread.start();
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (segmenter) {
      segmenter.segment(frame, queue::offer);
    }
  }

  private void deliver() {
    NetFrame frame = new NetFrame();
    try {
      while (queue.await()) {
        ByteBuffer next = queue.peek();
        if (next == null) {
          continue;
        }
        frame.clear();
        int length = next.remaining();
        frame.bytes().put(0, next, next.position(), length).limit(length);
        queue.remove();
        if (!delivery().deliver(frame)) {
          return;
        }
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    queue.close();
    delivery().close();
  }
}
