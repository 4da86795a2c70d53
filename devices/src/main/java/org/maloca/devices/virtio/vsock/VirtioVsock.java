package org.maloca.devices.virtio.vsock;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * Sockets between guest and host (virtio 1.2, section 5.10), stream ones; {@link VsockBridge} tells
 * where they lead. Connections end when the machine is restored from a snapshot, which the guest is
 * told.
 */
public final class VirtioVsock extends VirtioDevice {
  private static final int TYPE = 19;

  private static final long F_STREAM = 1;

  private static final int CONFIG_BYTES = 8;
  private static final int GUEST_CID = 0;

  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int EVENT = 2;
  private static final int EVENT_TRANSPORT_RESET = 0;
  private static final int EVENT_BYTES = 4;

  /** Smallest guest id; lower ones are the host's. */
  private static final long MIN_GUEST_CID = 3;

  private static final int QUEUE_SIZE = 128;

  /** Packets that the guest has no buffers for; of more it loses the oldest. */
  private static final int MAX_PENDING = 1024;

  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final VsockBridge bridge;
  private final VsockPacket received = new VsockPacket();
  private final DescriptorChain chain = new DescriptorChain();
  private final DescriptorChain eventChain = new DescriptorChain();

  /** The next receive buffer is here; guarded by the receive queue's lock, as the next two. */
  private boolean hasChain;

  private final Deque<byte[]> pending = new ArrayDeque<>();
  private volatile boolean owesReset;

  /**
   * Makes the device and listens on the host.
   *
   * @param guestCid the guest's id, 3 to 2^32 - 2
   * @param path of the Unix socket by which the host reaches the guest
   * @param isPacked whether packed rings are offered
   * @throws IOException when the socket cannot be made
   */
  public VirtioVsock(String id, GuestMemory memory, long guestCid, Path path, boolean isPacked)
      throws IOException {
    super(id, TYPE, F_STREAM, isPacked, memory, QUEUE_SIZE, QUEUE_SIZE, QUEUE_SIZE);
    if (guestCid < MIN_GUEST_CID || guestCid > 0xffff_fffeL) {
      throw new IllegalArgumentException("guest CID " + guestCid);
    }
    config.set(GUEST_CID, 8, guestCid);
    bridge = new VsockBridge(this, guestCid, path);
    bridge.start();
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected boolean isServed(int queue) {
    return queue == TRANSMIT;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain request) {
    if (request.readable().bytes() >= VsockPacket.BYTES) {
      received.load(request.readable());
      bridge.take(received, request.readable());
    }
    return 0;
  }

  @Override
  protected void notified(VirtioQueue queue) {
    if (queue.index() == EVENT) {
      sendReset();
    } else {
      deliverPending();
      bridge.buffersAdded();
    }
  }

  /** Whether there is a driver to connect to. */
  boolean isReachable() {
    return isDriven();
  }

  /** Bytes of the next receive buffer, 0 when there is none or older packets wait for it. */
  int room() {
    VirtioQueue queue = queue(RECEIVE);
    queue.lock();
    try {
      return pending.isEmpty() && takeChain(queue)
          ? (int) Math.min(chain.writable().bytes(), Integer.MAX_VALUE)
          : 0;
    } finally {
      queue.unlock();
    }
  }

  private boolean takeChain(VirtioQueue queue) {
    if (!queue.isLive()) {
      return false;
    }
    if (!hasChain) {
      hasChain = queue.pop(chain);
    }
    if (!hasChain) {
      queue.setNotified(true);
      hasChain = queue.pop(chain);
    }
    return hasChain;
  }

  /** Gives the guest a packet; one with a payload has found {@link #room} for it. */
  void deliver(byte[] header, long payloadAddress, int length) {
    VirtioQueue queue = queue(RECEIVE);
    queue.lock();
    try {
      if (!pending.isEmpty() || !put(queue, header, payloadAddress, length)) {
        if (pending.size() == MAX_PENDING) {
          pending.remove();
        }
        pending.add(header.clone());
      }
      queue.signal();
    } finally {
      queue.unlock();
    }
  }

  private boolean put(VirtioQueue queue, byte[] header, long payloadAddress, int length) {
    if (!takeChain(queue)) {
      return false;
    }
    hasChain = false;
    long bytes = VsockPacket.BYTES + (long) length;
    if (chain.writable().bytes() < bytes) {
      // No packet fits into such a buffer.
      queue.push(chain, 0);
      return false;
    }
    chain.writable().copyFrom(0, header, 0, VsockPacket.BYTES);
    chain.writable().copyFrom(VsockPacket.BYTES, payloadAddress, length);
    queue.push(chain, bytes);
    return true;
  }

  private void deliverPending() {
    VirtioQueue queue = queue(RECEIVE);
    queue.lock();
    try {
      while (!pending.isEmpty() && put(queue, pending.element(), 0, 0)) {
        pending.remove();
      }
      queue.signal();
    } finally {
      queue.unlock();
    }
  }

  private void sendReset() {
    VirtioQueue queue = queue(EVENT);
    queue.lock();
    try {
      if (owesReset && queue.isLive() && queue.pop(eventChain)) {
        owesReset = false;
        long length = Math.min(EVENT_BYTES, eventChain.writable().bytes());
        eventChain.writable().fill(0, length, (byte) EVENT_TRANSPORT_RESET);
        queue.push(eventChain, length);
        queue.signal();
      }
    } finally {
      queue.unlock();
    }
  }

  @Override
  protected void deactivated() {
    bridge.dropAll();
    forget();
    owesReset = false;
  }

  private void forget() {
    VirtioQueue queue = queue(RECEIVE);
    queue.lock();
    pending.clear();
    hasChain = false;
    queue.unlock();
  }

  @Override
  public void pause() {
    super.pause();
    VirtioQueue queue = queue(RECEIVE);
    queue.lock();
    if (hasChain) {
      hasChain = false;
      queue.unpop(chain);
    }
    queue.unlock();
  }

  /** Connections do not come back: the guest hears of it as soon as the machine goes on. */
  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    bridge.dropAll();
    forget();
    owesReset = isDriven();
  }

  @Override
  public void close() {
    super.close();
    bridge.close();
  }
}
