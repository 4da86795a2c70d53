package org.maloca.net.loopback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

final class LoopbackBackendTest {
  @Test
  void givesWholeFramesBack() throws InterruptedException {
    TestCard card = new TestCard();
    try (LoopbackBackend backend = new LoopbackBackend("test")) {
      backend.connect(card);
      backend.transmit(Frames.numbered(5, 60));
      NetFrame large = Frames.tcp(true, 2000, 0x10);
      large.setSegmentation(Segmentation.TCP_IPV6, 1000, false);
      backend.transmit(large);

      assertEquals(5, Frames.number(ByteBuffer.wrap(card.next())));
      assertTrue(Frames.hasGoodChecksums(card.next()));
      assertTrue(Frames.hasGoodChecksums(card.next()));
    }
  }
}
