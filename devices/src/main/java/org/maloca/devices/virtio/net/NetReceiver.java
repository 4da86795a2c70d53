package org.maloca.devices.virtio.net;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioQueue;

/** A receive queue (virtio 1.2, section 5.1.6.3). Safe for any thread, by the queue's lock. */
final class NetReceiver {
  /** What became of a frame. */
  enum Outcome {
    DELIVERED,
    /** There are not enough buffers now; {@link NetReceiver#takeStarved} will tell. */
    NO_ROOM,
    /** It does not fit into the driver's buffers at all. */
    TOO_LARGE
  }

  /** More buffers than this for one frame are not made use of. */
  private static final int MAX_BUFFERS = 256;

  private final VirtioQueue queue;
  private final NetHeader header = new NetHeader();
  private final @Nullable DescriptorChain[] chains = new DescriptorChain[MAX_BUFFERS];

  /** Whether the driver was asked to tell of new buffers. */
  private boolean isAsking = true;

  private volatile boolean isStarved;

  NetReceiver(VirtioQueue queue) {
    this.queue = queue;
  }

  /** Whether a frame was refused since the last time of asking. */
  boolean takeStarved() {
    boolean was = isStarved;
    isStarved = false;
    return was;
  }

  /** A new driver: notifications are on. */
  void restart() {
    queue.lock();
    isAsking = true;
    queue.unlock();
  }

  /** Delivers a frame that the guest can take. */
  Outcome deliver(NetFrame frame, int headerBytes, boolean isMergeable) {
    queue.lock();
    try {
      Outcome outcome = attempt(frame, headerBytes, isMergeable);
      if (outcome == Outcome.NO_ROOM) {
        // Buffers that come after the flag are told of; those from before are seen now.
        isStarved = true;
        outcome = attempt(frame, headerBytes, isMergeable);
        isStarved = outcome == Outcome.NO_ROOM;
      }
      return outcome;
    } finally {
      queue.unlock();
    }
  }

  private Outcome attempt(NetFrame frame, int headerBytes, boolean isMergeable) {
    long wanted = headerBytes + (long) frame.bytes().limit();
    long room = 0;
    int count = 0;
    boolean mayAsk = true;
    while (room < wanted) {
      if (count == MAX_BUFFERS || count == 1 && (!isMergeable || room < headerBytes)) {
        putBack(count);
        return Outcome.TOO_LARGE;
      }
      DescriptorChain chain = chain(count);
      if (queue.pop(chain)) {
        room += chain.writable().bytes();
        count++;
      } else if (mayAsk) {
        // Asked for what comes behind the buffers in hand.
        mayAsk = false;
        isAsking = true;
        queue.setNotified(true);
      } else {
        putBack(count);
        return Outcome.NO_ROOM;
      }
    }
    copy(frame, headerBytes, count);
    if (isAsking) {
      isAsking = false;
      queue.setNotified(false);
    }
    return Outcome.DELIVERED;
  }

  private DescriptorChain chain(int index) {
    DescriptorChain chain = chains[index];
    if (chain == null) {
      chain = new DescriptorChain();
      chains[index] = chain;
    }
    return chain;
  }

  private void putBack(int count) {
    for (int i = count - 1; i >= 0; i--) {
      queue.unpop(chain(i));
    }
  }

  private void copy(NetFrame frame, int headerBytes, int count) {
    header.describe(frame);
    header.setBuffers(count);
    long source = frame.hostAddress();
    long rest = frame.bytes().limit();
    int before = headerBytes;
    for (int i = 0; i < count; i++) {
      DescriptorChain chain = chain(i);
      if (i == 0) {
        chain.writable().copyFrom(0, header.bytes, 0, headerBytes);
      }
      long piece = Math.min(chain.writable().bytes() - before, rest);
      chain.writable().copyFrom(before, source, piece);
      queue.fill(chain, before + piece, before + piece);
      source += piece;
      rest -= piece;
      before = 0;
    }
    queue.publish();
    queue.signal();
  }
}
