package org.maloca.net.stream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.frame.DeliveringBackend;
import org.maloca.net.frame.FrameSegmenter;

/**
 * A cable that is a pair of UDP ports, in the format of QEMU's {@code -netdev dgram}: a frame is a
 * datagram. Takes frames of its peer alone.
 */
public final class DatagramBackend extends DeliveringBackend {
  private final DatagramChannel channel;
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final Thread reader;
  private final AtomicLong dropped = new AtomicLong();

  /**
   * Opens the port.
   *
   * @param name for threads
   * @throws IOException if the local address cannot be had
   */
  public DatagramBackend(InetSocketAddress local, InetSocketAddress remote, String name)
      throws IOException {
    channel = DatagramChannel.open();
    try {
      channel.bind(local).connect(remote);
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
    reader = Thread.ofVirtual().name(name + "-dgram").unstarted(this::read);
  }

  @Override
  public void connect(Port port) {
    delivery().connect(port);
    reader.start();
  }

  /** How many frames the host could not send. */
  public long dropped() {
    return dropped.get();
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (segmenter) {
      segmenter.segment(frame, this::send);
    }
  }

  private void send(ByteBuffer bytes) {
    try {
      channel.write(bytes);
    } catch (IOException noPeer) {
      // Nobody is there yet, or the frame is longer than a datagram: lost, as on a real cable.
      dropped.incrementAndGet();
    }
  }

  private void read() {
    NetFrame frame = new NetFrame();
    while (channel.isOpen()) {
      try {
        frame.clear();
        if (channel.read(frame.bytes()) > 0) {
          frame.bytes().flip();
          if (!delivery().deliver(frame)) {
            return;
          }
        }
      } catch (java.net.PortUnreachableException noPeerYet) {
        continue;
      } catch (IOException | InterruptedException closing) {
        return;
      }
    }
  }

  @Override
  public void close() {
    delivery().close();
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // Nothing that anybody could do about it.
    }
  }
}
