package org.maloca.net.ethernet;

import java.util.concurrent.atomic.LongAdder;

/** What passed a card's port; "sent" is as the guest sees it. A large frame counts as one. */
public final class PortCounters {
  final LongAdder sentFrames = new LongAdder();
  final LongAdder sentBytes = new LongAdder();
  final LongAdder receivedFrames = new LongAdder();
  final LongAdder receivedBytes = new LongAdder();
  final LongAdder droppedFrames = new LongAdder();
  final LongAdder refusedFrames = new LongAdder();

  PortCounters() {}

  public long sentFrames() {
    return sentFrames.sum();
  }

  public long sentBytes() {
    return sentBytes.sum();
  }

  public long receivedFrames() {
    return receivedFrames.sum();
  }

  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /** Frames to the guest that it had no room for. */
  public long droppedFrames() {
    return droppedFrames.sum();
  }

  /** Frames of the guest that were nonsense or claimed to be another's. */
  public long refusedFrames() {
    return refusedFrames.sum();
  }
}
