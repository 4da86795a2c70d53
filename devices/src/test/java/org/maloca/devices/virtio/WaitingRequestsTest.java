package org.maloca.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;

class WaitingRequestsTest {
  private static final int RING_SIZE = 4;
  private static final boolean WRITE = true;
  private static final boolean READ = false;

  /** Without RAM, so that buffers are noted only. */
  private final GuestMemory memory = new GuestMemory(MemoryMap.of(List.of()), 0);

  private final WaitingRequests waiting = new WaitingRequests();

  /** What each direction was admitted for, which waits as many nanoseconds as it has bytes. */
  private final List<Long> admitted = new ArrayList<>();

  private final DiskThrottle throttle =
      (isWrite, requests, bytes, nowNanos) -> {
        admitted.add(bytes);
        return bytes;
      };

  private DescriptorChain add(DiskThrottle by, boolean isWrite, long bytes, long now) {
    DescriptorChain chain = waiting.unused();
    assertFalse(chain.admission().isGranted(by, isWrite, 1, bytes));
    waiting.add(chain, now);
    return chain;
  }

  @Test
  void eachDirectionGoesInItsOrderAndPaysWhenItsTurnComes() {
    DescriptorChain write = add(throttle, WRITE, 100, 0);
    DescriptorChain nextWrite = add(throttle, WRITE, 50, 0);
    DescriptorChain read = add(throttle, READ, 70, 0);

    assertEquals(70, waiting.dueNanos(0));
    assertEquals(List.of(100L, 70L), admitted);
    assertNull(waiting.takeDue(69));
    assertSame(read, waiting.takeDue(80));
    assertEquals(80, read.admission().waitedNanos());
    assertTrue(read.admission().isGranted(throttle, READ, 1, 70));
    assertNull(waiting.takeDue(99));
    assertSame(write, waiting.takeDue(100));
    assertEquals(150, waiting.dueNanos(100));
    assertEquals(List.of(100L, 70L, 50L), admitted);
    assertNull(waiting.takeDue(149));
    assertSame(nextWrite, waiting.takeDue(150));
    assertTrue(waiting.isEmpty());
    assertNull(waiting.takeNext(150));
  }

  @Test
  void whatIsPutBackComesFirstAndHasPaid() {
    DescriptorChain first = add(throttle, WRITE, 1, 0);
    DescriptorChain second = add(throttle, WRITE, 2, 0);
    assertEquals(1, waiting.dueNanos(0));
    assertSame(first, waiting.takeDue(1));

    waiting.putBack(first);

    assertSame(first, waiting.takeDue(1));
    waiting.putBack(first);
    assertSame(first, waiting.takeAll());
    assertSame(second, first.next);
    assertEquals(List.of(1L), admitted);
    assertTrue(waiting.isEmpty());
  }

  @Test
  void noMoreThanTheRingHoldsAreTaken() {
    for (int i = 0; i < RING_SIZE; i++) {
      assertFalse(waiting.isFull(RING_SIZE));
      add(throttle, WRITE, 10, 0);
    }
    assertTrue(waiting.isFull(RING_SIZE));
    DescriptorChain first = waiting.takeNext(0);
    assertFalse(waiting.isFull(RING_SIZE));
    waiting.recycle(first);
    waiting.clear();
    assertTrue(waiting.isEmpty());
    assertFalse(waiting.isFull(RING_SIZE));
  }

  @Test
  void chainsOfManyBuffersAreFewerAndNotKept() {
    int buffers = Virtqueue.MAX_INDIRECT_DESCRIPTORS;
    int count = 0;
    while (!waiting.isFull(512)) {
      DescriptorChain chain = waiting.unused();
      for (int i = 0; i < buffers; i++) {
        chain.add(memory, 0, 0, true);
      }
      assertFalse(chain.admission().isGranted(throttle, WRITE, 1, 10));
      waiting.add(chain, 0);
      count++;
    }
    assertEquals((1 << 16) / buffers, count);
    DescriptorChain last = new DescriptorChain();
    for (int i = 0; i < buffers; i++) {
      last.add(memory, 0, 0, true);
    }
    waiting.clear();
    waiting.recycle(last);
    assertNotSame(last, waiting.unused());
  }

  @Test
  void chainsAreUsedAgainAndRememberNothing() {
    DescriptorChain chain = add(throttle, WRITE, 10, 5);
    assertEquals(15, waiting.dueNanos(5));
    assertSame(chain, waiting.takeDue(15));
    waiting.recycle(chain);

    assertSame(chain, waiting.unused());
    assertEquals(0, chain.admission().waitedNanos());
    assertNull(chain.next);
    assertFalse(chain.admission().isGranted(throttle, WRITE, 1, 10));
    assertEquals(35, chain.admission().pay(25));
  }

  @Test
  void thereMayBeManyLimits() {
    List<DescriptorChain> chains = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      int wait = i;
      DiskThrottle other = (isWrite, requests, bytes, nowNanos) -> 100 - wait;
      chains.add(add(other, WRITE, 1, 0));
    }
    for (int i = 8; i >= 0; i--) {
      assertSame(chains.get(i), waiting.takeNext(0));
    }
    assertTrue(waiting.isEmpty());
  }
}
