package org.maloca.devices.virtio.net;

import java.util.concurrent.atomic.LongAdder;

/** Counts what went through a card. Safe for any thread. */
public final class NetCounters {
  private final LongAdder receivedFrames = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder receiveDrops = new LongAdder();
  private final LongAdder sentFrames = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder sendDrops = new LongAdder();

  /**
   * The counts at a moment, as the guest sees directions.
   *
   * @param receiveDrops frames that the guest could not take, had no driver for, or did not get
   *     because the link was down; not those that it filters out
   * @param sendDrops frames that made no sense, or were sent while the link was down
   */
  public record Snapshot(
      long receivedFrames,
      long receivedBytes,
      long receiveDrops,
      long sentFrames,
      long sentBytes,
      long sendDrops) {}

  void received(int bytes) {
    receivedFrames.increment();
    receivedBytes.add(bytes);
  }

  void receiveDropped() {
    receiveDrops.increment();
  }

  void sent(int bytes) {
    sentFrames.increment();
    sentBytes.add(bytes);
  }

  void sendDropped() {
    sendDrops.increment();
  }

  public Snapshot snapshot() {
    return new Snapshot(
        receivedFrames.sum(),
        receivedBytes.sum(),
        receiveDrops.sum(),
        sentFrames.sum(),
        sentBytes.sum(),
        sendDrops.sum());
  }
}
