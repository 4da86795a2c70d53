package org.maloca.devices.virtio.console;

import org.maloca.core.backend.CharBackend;
import org.maloca.core.memory.IoVector;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * One port: the guest's bytes to a backend, and the backend's into the guest's buffers. Input waits
 * at the backend while the guest has no buffers or nobody has the port open.
 */
final class ConsolePort implements CharBackend.Receiver {
  /** Of a longer request the rest is dropped, so that it ends in time. */
  private static final long MAX_WRITE_BYTES = 16L << 20;

  private final VirtioQueue receiveQueue;
  private final VirtioConsole.PortOptions options;
  private final DescriptorChain chain = new DescriptorChain();
  private final byte[] chunk = new byte[4096];
  private final Object room = new Object();
  private volatile boolean isOpen;
  private long roomCount;
  private long roomSeen;

  ConsolePort(VirtioQueue receiveQueue, VirtioConsole.PortOptions options) {
    this.receiveQueue = receiveQueue;
    this.options = options;
    options.backend().connect(this);
  }

  VirtioConsole.PortOptions options() {
    return options;
  }

  boolean isOpen() {
    return isOpen;
  }

  /** Whether somebody in the guest listens. */
  void setOpen(boolean open) {
    isOpen = open;
    tellRoom();
  }

  /** The guest may have new buffers. */
  void tellRoom() {
    synchronized (room) {
      roomCount++;
      room.notifyAll();
    }
  }

  /** Passes what the guest has written on. */
  void transmit(IoVector source) {
    long length = Math.min(source.bytes(), MAX_WRITE_BYTES);
    for (long done = 0; done < length; ) {
      int piece = (int) Math.min(length - done, chunk.length);
      source.copyTo(done, chunk, 0, piece);
      for (int i = 0; i < piece; i++) {
        options.backend().transmit(chunk[i]);
      }
      done += piece;
    }
  }

  @Override
  public int receive(byte[] bytes, int offset, int length) {
    synchronized (room) {
      roomSeen = roomCount;
    }
    receiveQueue.lock();
    try {
      int done = 0;
      while (done < length && isOpen && receiveQueue.isLive() && take()) {
        int piece = (int) Math.min(length - done, chain.writable().bytes());
        chain.writable().copyFrom(0, bytes, offset + done, piece);
        receiveQueue.push(chain, piece);
        done += piece;
      }
      if (done > 0) {
        receiveQueue.signal();
      }
      return done;
    } finally {
      receiveQueue.unlock();
    }
  }

  private boolean take() {
    if (receiveQueue.pop(chain)) {
      return true;
    }
    receiveQueue.setNotified(true);
    return receiveQueue.pop(chain);
  }

  @Override
  public void awaitRoom() throws InterruptedException {
    synchronized (room) {
      while (roomCount == roomSeen) {
        room.wait();
      }
    }
  }
}
