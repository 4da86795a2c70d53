package org.maloca.net.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetFrame;

class FrameDeliveryTest {
  @Test
  void anErrorOfTheCardCostsTheFrameAlone() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    FrameDelivery delivery = new FrameDelivery();
    delivery.connect(
        (PlainCard)
            frame -> {
              if (asked.getAndIncrement() == 0) {
                throw new NoClassDefFoundError("too many open files");
              }
              return true;
            });

    assertTrue(delivery.deliver(new NetFrame()));
    assertTrue(delivery.deliver(new NetFrame()));

    assertEquals(2, asked.get());
  }
}
