package org.maloca.net;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/** A card for tests: keeps what the network sends, and loses, doubles and reorders on request. */
final class GuestCard implements NetBackend.Port {
  /** How long what must come may take: of no consequence but where it does not come. */
  static final int PATIENCE_MILLIS = 60_000;

  final LinkedBlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private final NetBackend network;
  private final byte[] mac;
  private final int features;
  private final NetFrame out = new NetFrame();
  private final SplittableRandom random;
  private final double lossRate;
  private byte @Nullable [] heldIn;
  private byte @Nullable [] heldOut;
  volatile boolean isFull;

  GuestCard(NetBackend network, int number, int features, double lossRate) {
    this.network = network;
    this.features = features;
    this.lossRate = lossRate;
    mac = new byte[] {0x52, 0x54, 0, 0, 0, (byte) number};
    random = new SplittableRandom(number);
    network.connect(this);
  }

  @Override
  public synchronized boolean receive(NetFrame frame) {
    if (isFull) {
      return false;
    }
    byte[] copy = new byte[frame.bytes().limit()];
    frame.bytes().get(0, copy);
    if (frame.needsChecksum()) {
      int at = frame.checksumStart() + frame.checksumOffset();
      int sum = Checksums.of(copy, frame.checksumStart(), copy.length);
      copy[at] = (byte) (sum >> 8);
      copy[at + 1] = (byte) sum;
    }
    double fate = random.nextDouble() / Math.max(lossRate, 1e-9);
    if (fate < 1) {
      return true;
    }
    if (fate < 2 && heldIn == null) {
      heldIn = copy;
      return true;
    }
    received.add(copy);
    if (fate >= 2 && fate < 3) {
      received.add(copy);
    }
    if (heldIn != null) {
      received.add(heldIn);
      heldIn = null;
    }
    return true;
  }

  @Override
  public int features() {
    return features;
  }

  @Override
  public byte[] macAddress() {
    return mac.clone();
  }

  /** The next frame, which must come, however busy the host is; null if it does not. */
  byte @Nullable [] next() {
    return next(PATIENCE_MILLIS);
  }

  byte @Nullable [] next(long millis) {
    try {
      return received.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  /** Sends a frame, or loses it. */
  void send(byte[] frame) {
    double fate = random.nextDouble() / Math.max(lossRate, 1e-9);
    if (fate < 1) {
      return;
    }
    if (fate < 2 && heldOut == null) {
      heldOut = frame;
      return;
    }
    transmit(frame);
    if (fate >= 2 && fate < 3) {
      transmit(frame);
    }
    if (heldOut != null) {
      transmit(heldOut);
      heldOut = null;
    }
  }

  private void transmit(byte[] frame) {
    out.clear();
    ByteBuffer bytes = out.bytes();
    bytes.put(0, frame).limit(frame.length);
    network.transmit(out);
  }
}
