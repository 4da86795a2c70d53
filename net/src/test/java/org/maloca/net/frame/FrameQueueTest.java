package org.maloca.net.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameQueueTest {
  @Test
  void givesRecordsBackInOrderHoweverTheRingWraps() {
    FrameQueue queue = new FrameQueue(1000);
    ArrayDeque<byte[]> model = new ArrayDeque<>();
    Random random = new Random(1);
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      if (random.nextBoolean()) {
        byte[] record = new byte[random.nextInt(random.nextInt(10) == 0 ? 900 : 120)];
        random.nextBytes(record);
        if (queue.offer(ByteBuffer.wrap(record))) {
          model.add(record);
        } else {
          refused++;
          assertFalse(model.isEmpty());
        }
      } else if (!model.isEmpty()) {
        assertArrayEquals(model.remove(), Frames.copy(queue.peek()));
        queue.remove();
      } else {
        assertNull(queue.peek());
      }
    }
    assertTrue(refused > 0);
    assertEquals(refused, queue.dropped());
  }

  @Test
  void refusesWhatIsLongerThanItself() {
    FrameQueue queue = new FrameQueue(100);
    assertFalse(queue.offer(ByteBuffer.allocate(97)));
    assertTrue(queue.offer(ByteBuffer.allocate(96)));
  }

  @Test
  void aClosedQueueGivesWhatItHolds() throws InterruptedException {
    FrameQueue queue = new FrameQueue(100);
    queue.offer(ByteBuffer.allocate(10));
    queue.close();
    assertFalse(queue.offer(ByteBuffer.allocate(10)));
    assertTrue(queue.await());
    queue.remove();
    assertFalse(queue.await());
  }
}
