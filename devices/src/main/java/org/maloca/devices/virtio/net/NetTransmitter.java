package org.maloca.devices.virtio.net;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.memory.IoVector;

/** Makes frames of what lies in a transmit queue (virtio 1.2, section 5.1.6.2). For one thread. */
final class NetTransmitter {
  /** Shortest frame: two addresses and a type. */
  static final int MIN_FRAME_BYTES = 14;

  private final NetHeader header = new NetHeader();
  private final NetFrame frame = new NetFrame();

  /**
   * Copies a request into a frame, once.
   *
   * @param features that the driver has accepted
   * @return the frame, until the next call; null when there is none in it
   */
  @Nullable NetFrame take(IoVector request, int headerBytes, long features) {
    long length = request.bytes() - headerBytes;
    if (length < MIN_FRAME_BYTES || length > NetFrame.MAX_BYTES) {
      return null;
    }
    request.copyTo(0, header.bytes, 0, headerBytes);
    frame.clear();
    request.copyTo(headerBytes, frame.hostAddress(), length);
    frame.bytes().limit((int) length);
    return header.apply(frame, features) ? frame : null;
  }
}
