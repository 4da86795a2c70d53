package org.maloca.net.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.core.time.ManualClock;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

final class LimitedBackendTest {
  private static final long SECOND = 1_000_000_000L;

  private final ManualClock clock = new ManualClock();
  private final Behind behind = new Behind();
  private final TestCard card = new TestCard();

  /** Keeps what it is sent. */
  private static final class Behind implements NetBackend {
    private final List<NetFrame> sent = new ArrayList<>();
    private long sentBytes;
    private int roomCalls;
    private Port port;

    @Override
    public void connect(Port to) {
      port = to;
    }

    @Override
    public void transmit(NetFrame frame) {
      NetFrame copy = Frames.numbered(Frames.number(frame.bytes()), frame.bytes().limit());
      copy.setSegmentation(frame.segmentation(), frame.segmentBytes(), frame.hasEcn());
      if (frame.needsChecksum()) {
        copy.setChecksum(frame.checksumStart(), frame.checksumOffset());
      }
      sent.add(sent.size() < 10 ? copy : sent.getFirst());
      sentBytes += frame.bytes().limit();
    }

    @Override
    public void roomAvailable() {
      roomCalls++;
    }

    @Override
    public void close() {}
  }

  private LimitedBackend limited(RateLimit out, RateLimit in) {
    LimitedBackend backend = new LimitedBackend(behind, out, in, clock);
    backend.connect(card);
    return backend;
  }

  /** Sends as a card does, which asks first. */
  private static int sendAll(LimitedBackend backend, NetFrame frame, int most) {
    int sent = 0;
    while (sent < most && backend.mayTransmit()) {
      backend.transmit(frame);
      sent++;
    }
    return sent;
  }

  @Test
  void holdsTheRateOfBytesOverTime() {
    LimitedBackend backend = limited(new RateLimit(1_000_000, 10_000, 0, 0), RateLimit.NONE);
    NetFrame frame = Frames.numbered(1, 1500);
    for (int millis = 0; millis < 30_000; millis++) {
      sendAll(backend, frame, 2);
      clock.advance(SECOND / 1000);
    }
    assertEquals(30_000_000.0, behind.sentBytes, 30_000_000 * 0.005);
  }

  @Test
  void holdsTheRateOfPacketsAndCountsWhatALargeFrameStandsFor() {
    LimitedBackend backend = limited(new RateLimit(0, 0, 100, 1), RateLimit.NONE);
    NetFrame frame = Frames.numbered(1, 15_000);
    frame.setSegmentation(Segmentation.TCP_IPV4, 1500, false);
    for (int millis = 0; millis < 30_000; millis++) {
      sendAll(backend, frame, 1);
      clock.advance(SECOND / 1000);
    }
    assertEquals(300, behind.sent.size(), 3);
  }

  @Test
  void letsABurstPassAtOnceAfterASilence() {
    LimitedBackend backend = limited(new RateLimit(1000, 6000, 0, 0), RateLimit.NONE);
    NetFrame frame = Frames.numbered(1, 1500);
    assertEquals(4, sendAll(backend, frame, 10));
    // The fifth overdraws the bucket by 1.5 s.
    clock.advance(2 * SECOND);
    assertEquals(2, sendAll(backend, frame, 10));
    clock.advance(100 * SECOND);
    assertEquals(4, sendAll(backend, frame, 10));
  }

  @Test
  void tellsTheCardWhenItsGuestMaySendAgain() {
    LimitedBackend backend = limited(new RateLimit(1000, 1, 0, 0), RateLimit.NONE);
    assertEquals(1, sendAll(backend, Frames.numbered(0, 500), 2));
    clock.advance(SECOND / 4);
    assertEquals(0, card.readyCalls());
    clock.advance(SECOND / 2);
    assertEquals(1, card.readyCalls());
    assertTrue(backend.mayTransmit());
  }

  @Test
  void whatNobodyAskedForIsPaidForLater() {
    LimitedBackend backend = limited(new RateLimit(1000, 1, 0, 0), RateLimit.NONE);
    backend.transmit(Frames.numbered(0, 500));
    backend.transmit(Frames.numbered(1, 500));
    clock.advance(SECOND * 9 / 10);
    assertFalse(backend.mayTransmit());
    clock.advance(SECOND / 5);
    assertTrue(backend.mayTransmit());
  }

  @Test
  void makesThePeerWaitForFramesToTheGuest() {
    LimitedBackend backend = limited(RateLimit.NONE, new RateLimit(1000, 1, 0, 0));
    NetFrame frame = Frames.numbered(0, 500);
    assertTrue(behind.port.receive(frame));
    assertFalse(behind.port.receive(frame));
    assertEquals(1, card.count());
    clock.advance(SECOND / 4);
    assertEquals(0, behind.roomCalls);
    clock.advance(SECOND / 2);
    assertEquals(1, behind.roomCalls);
    assertTrue(behind.port.receive(frame));
    assertEquals(1, backend.refused());
  }

  @Test
  void aFrameThatTheGuestHadNoRoomForCostsNothing() {
    limited(RateLimit.NONE, new RateLimit(1000, 1, 0, 0));
    card.setRoom(0);
    assertFalse(behind.port.receive(Frames.numbered(0, 500)));
    card.setRoom(1);
    assertTrue(behind.port.receive(Frames.numbered(0, 500)));
  }

  @Test
  void newLimitsHoldAtOnce() {
    LimitedBackend backend = limited(new RateLimit(1, 1, 0, 0), RateLimit.NONE);
    NetFrame frame = Frames.numbered(0, 500);
    assertEquals(1, sendAll(backend, frame, 3));
    backend.setLimits(RateLimit.NONE, RateLimit.NONE);
    assertEquals(1, card.readyCalls());
    assertEquals(3, sendAll(backend, frame, 3));
  }

  @Test
  void refusesSenselessLimits() {
    assertThrows(IllegalArgumentException.class, () -> new RateLimit(-1, 0, 0, 0));
  }
}
