package org.maloca.net.ethernet;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** One card's port of a switch. */
public final class SwitchPort implements NetBackend {
  private final EthernetSwitch owner;
  private final int number;
  private final PortCounters counters = new PortCounters();
  private final Object delivery = new Object();
  private volatile @Nullable Port card;
  private volatile long mac = -1;
  private volatile boolean isPaused;
  private volatile boolean isClosed;
  private volatile boolean isBlocked;

  SwitchPort(EthernetSwitch owner, int number) {
    this.owner = owner;
    this.number = number;
  }

  /** Counts from 1; never used again on the same switch. */
  public int number() {
    return number;
  }

  public PortCounters counters() {
    return counters;
  }

  /** The card's address in the lower 48 bits; -1 as long as there is no card. */
  public long mac() {
    return mac;
  }

  /** What kinds of frame the guest takes; see {@link NetBackend}. */
  public int features() {
    Port to = card;
    return to == null ? 0 : to.features();
  }

  /** Whether {@link #deliver} refused a frame and there was no word of new room since. */
  public boolean isBlocked() {
    return isBlocked;
  }

  /** Whether the machine stands still. */
  public boolean isPaused() {
    return isPaused;
  }

  public boolean isClosed() {
    return isClosed;
  }

  @Override
  public void connect(Port port) {
    byte[] address = port.macAddress();
    long bits = 0;
    for (byte part : address) {
      bits = bits << 8 | part & 0xff;
    }
    mac = bits;
    card = port;
  }

  /**
   * Delivers a frame that the guest can take as it is.
   *
   * @return false if it has no room or the machine is paused: the owner will be told of room
   */
  public boolean deliver(NetFrame frame) {
    Port to = card;
    if (to == null || isClosed) {
      counters.droppedFrames.increment();
      return true;
    }
    int bytes = frame.bytes().limit();
    synchronized (delivery) {
      // Before the attempt, so that room which comes between is not missed.
      isBlocked = true;
      if (isPaused || !to.receive(frame)) {
        return false;
      }
      isBlocked = false;
    }
    counters.receivedFrames.increment();
    counters.receivedBytes.add(bytes);
    return true;
  }

  /** Counts a frame that was not delivered and is not tried again. */
  public void noteDropped() {
    counters.droppedFrames.increment();
  }

  @Override
  public void transmit(NetFrame frame) {
    if (!isClosed) {
      counters.sentFrames.increment();
      counters.sentBytes.add(frame.bytes().limit());
      owner.transmit(this, frame);
    }
  }

  @Override
  public void roomAvailable() {
    isBlocked = false;
    owner.roomAvailable(this);
  }

  @Override
  public void pause() {
    synchronized (delivery) {
      isPaused = true;
    }
  }

  @Override
  public void resume() {
    synchronized (delivery) {
      isPaused = false;
    }
    roomAvailable();
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      owner.remove(this);
    }
  }
}
