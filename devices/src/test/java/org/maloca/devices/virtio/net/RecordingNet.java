package org.maloca.devices.virtio.net;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A cable whose other end is the test. */
final class RecordingNet implements NetBackend {
  /** A frame as it came. */
  record Sent(
      byte[] bytes,
      boolean needsChecksum,
      int checksumStart,
      int checksumOffset,
      NetFrame.Segmentation segmentation,
      int segmentBytes) {}

  final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
  final Semaphore room = new Semaphore(0);
  volatile Thread sender = Thread.currentThread();
  volatile boolean takesFrames = true;
  Port port;

  @Override
  public void connect(Port card) {
    port = card;
  }

  @Override
  public boolean mayTransmit() {
    return takesFrames;
  }

  @Override
  public void transmit(NetFrame frame) {
    byte[] bytes = new byte[frame.bytes().limit()];
    frame.bytes().get(0, bytes);
    sender = Thread.currentThread();
    sent.add(
        new Sent(
            bytes,
            frame.needsChecksum(),
            frame.checksumStart(),
            frame.checksumOffset(),
            frame.segmentation(),
            frame.segmentBytes()));
  }

  @Override
  public void roomAvailable() {
    room.release();
  }

  Sent await() throws InterruptedException {
    Sent frame = sent.poll(30, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("the card sends nothing");
    }
    return frame;
  }

  void awaitRoom() throws InterruptedException {
    if (!room.tryAcquire(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the card tells of no room");
    }
  }

  @Override
  public void close() {}
}
