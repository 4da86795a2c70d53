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

  @Test
  void holdsTheRateOfBytesOverTime() {
    LimitedBackend backend = limited(new RateLimit(1_000_000, 10_000, 0, 0), RateLimit.NONE);
    NetFrame frame = Frames.numbered(1, 1500);
    for (int millis = 0; millis < 30_000; millis++) {
      backend.transmit(frame);
      backend.transmit(frame);
      clock.advance(SECOND / 1000);
    }
    assertEquals(30_000_000.0, behind.sentBytes, 30_000_000 * 0.005);
    assertTrue(backend.dropped() > 0);
  }

  @Test
  void holdsTheRateOfPacketsAndCountsWhatALargeFrameStandsFor() {
    LimitedBackend backend = limited(new RateLimit(0, 0, 100, 1), RateLimit.NONE);
    NetFrame frame = Frames.numbered(1, 15_000);
    frame.setSegmentation(Segmentation.TCP_IPV4, 1500, false);
    for (int millis = 0; millis < 30_000; millis++) {
      backend.transmit(frame);
      clock.advance(SECOND / 1000);
    }
    assertEquals(300, behind.sent.size(), 3);
  }

  @Test
  void letsABurstPassAtOnceAfterASilence() {
    LimitedBackend backend = limited(new RateLimit(1000, 6000, 0, 0), RateLimit.NONE);
    for (int i = 0; i < 10; i++) {
      backend.transmit(Frames.numbered(i, 1500));
    }
    assertEquals(4, behind.sent.size());
    // The fifth overdraws the bucket by 1.5 s, the sixth likewise.
    clock.advance(2 * SECOND);
    assertEquals(6, behind.sent.size());
    clock.advance(100 * SECOND);
    assertEquals(10, behind.sent.size());
    for (int i = 0; i < 10; i++) {
      assertEquals(i, Frames.number(behind.sent.get(i).bytes()));
    }
  }

  @Test
  void keepsWhatIsToBeDoneWithAFrameThatWaits() {
    LimitedBackend backend = limited(new RateLimit(1000, 1, 0, 0), RateLimit.NONE);
    backend.transmit(Frames.numbered(0, 1500));
    NetFrame frame = Frames.numbered(1, 3000);
    frame.setChecksum(34, 16);
    frame.setSegmentation(Segmentation.TCP_IPV6, 1400, true);
    backend.transmit(frame);
    clock.advance(2 * SECOND);

    NetFrame sent = behind.sent.get(1);
    assertEquals(Segmentation.TCP_IPV6, sent.segmentation());
    assertEquals(1400, sent.segmentBytes());
    assertTrue(sent.hasEcn() && sent.needsChecksum());
    assertEquals(34, sent.checksumStart());
    assertEquals(16, sent.checksumOffset());
    assertEquals(3000, sent.bytes().limit());
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
    backend.transmit(Frames.numbered(0, 500));
    backend.transmit(Frames.numbered(1, 500));
    assertEquals(1, behind.sent.size());
    backend.setLimits(RateLimit.NONE, RateLimit.NONE);
    assertEquals(2, behind.sent.size());
    backend.transmit(Frames.numbered(2, 500));
    assertEquals(3, behind.sent.size());
  }

  @Test
  void refusesSenselessLimits() {
    assertThrows(IllegalArgumentException.class, () -> new RateLimit(-1, 0, 0, 0));
  }
}
