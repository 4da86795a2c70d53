package org.maloca.net.frame;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A card whose guest takes as many frames as it is told to. */
public final class TestCard implements NetBackend.Port {
  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> links = new LinkedBlockingQueue<>();
  private volatile int room = Integer.MAX_VALUE;
  private volatile int refusals;
  private volatile boolean failsNextLink;
  private int readyCalls;

  public void setRoom(int frames) {
    room = frames;
  }

  /** Has the card throw an error when it next hears of its link. */
  public void failNextLink() {
    failsNextLink = true;
  }

  public int refusals() {
    return refusals;
  }

  @Override
  public synchronized boolean receive(NetFrame frame) {
    if (room == 0) {
      refusals++;
      return false;
    }
    room--;
    received.add(Frames.copy(frame.bytes()));
    return true;
  }

  @Override
  public void transmitReady() {
    readyCalls++;
  }

  @Override
  public void linkChanged(boolean isUp) {
    if (failsNextLink) {
      failsNextLink = false;
      throw new NoClassDefFoundError("too many open files");
    }
    links.add(isUp);
  }

  /** Whether it has a link, as it was told next. */
  public boolean nextLink() throws InterruptedException {
    Boolean link = links.poll(20, TimeUnit.SECONDS);
    if (link == null) {
      throw new AssertionError("nothing was said of the link");
    }
    return link;
  }

  /** How often its guest was told that it may send again. */
  public int readyCalls() {
    return readyCalls;
  }

  /** The next frame, which must come. */
  public byte[] next() throws InterruptedException {
    byte[] frame = received.poll(20, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame came");
    }
    return frame;
  }

  public int count() {
    return received.size();
  }

  @Override
  public int features() {
    return 0;
  }

  @Override
  public byte[] macAddress() {
    return new byte[] {0x52, 0x54, 0, 0, 0, 1};
  }
}
