package org.maloca.block.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DurabilityTest {
  private final Durability durability = new Durability("disk");
  private final AtomicInteger syncs = new AtomicInteger();

  private static void fail() throws IOException {
    throw new IOException("the platter is scratched");
  }

  @Test
  void asksTheHostOnlyAfterChanges() throws IOException {
    durability.flush(syncs::incrementAndGet);
    durability.flush(syncs::incrementAndGet);
    assertEquals(1, syncs.get(), "of what was there before nobody knows");
    durability.changed();
    durability.flush(syncs::incrementAndGet);
    durability.flush(syncs::incrementAndGet);
    assertEquals(2, syncs.get());
  }

  @Test
  void aFailureIsNotForgotten() {
    durability.changed();
    assertThrows(IOException.class, () -> durability.flush(DurabilityTest::fail));
    for (int i = 0; i < 3; i++) {
      String said =
          assertThrows(IOException.class, () -> durability.flush(syncs::incrementAndGet))
              .getMessage();
      assertTrue(said.contains("earlier flush failed"), said);
      durability.changed();
    }
    assertEquals(0, syncs.get(), "the host would say that all is well");
  }

  /** The host tells the first of two flushes only, whose changes were the second one's, too. */
  @Test
  void whoWaitsForAFlushThatFailsHearsOfIt() throws Exception {
    CountDownLatch isInside = new CountDownLatch(1);
    CountDownLatch mayFail = new CountDownLatch(1);
    FutureTask<Void> first =
        new FutureTask<>(() -> {
          durability.flush(() -> {
            isInside.countDown();
            awaitQuietly(mayFail);
            fail();
          });
          return null;
        });
    FutureTask<Void> second =
        new FutureTask<>(() -> {
          durability.flush(syncs::incrementAndGet);
          return null;
        });
    durability.changed();
    new Thread(first).start();
    isInside.await();
    Thread waiting = new Thread(second);
    waiting.start();
    while (waiting.getState() == Thread.State.NEW || waiting.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    mayFail.countDown();
    assertThrows(ExecutionException.class, first::get);
    assertThrows(ExecutionException.class, second::get);
    assertEquals(0, syncs.get());
  }

  @Test
  void changesDuringAFlushAreForTheNextOne() throws IOException {
    durability.flush(durability::changed);
    durability.flush(syncs::incrementAndGet);
    assertEquals(1, syncs.get());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
  }
}
