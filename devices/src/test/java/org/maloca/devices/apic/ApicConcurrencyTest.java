package org.maloca.devices.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ApicConcurrencyTest {
  private static final int ROUNDS = 20_000;
  private static final int VECTOR = 0x80;
  private static final int TO_OTHERS = 3 << 18;

  private final ApicBoard board = new ApicBoard().enabled();

  /** Interrupts all others and serves what came itself. */
  private void runVcpu(int index) {
    board.bus.enter(index);
    for (int i = 0; i < ROUNDS; i++) {
      board.page.write(0x300, 4, TO_OTHERS | VECTOR + 16 * index);
      serve(index);
    }
  }

  private int serve(int index) {
    int vector = board.apic(index).acknowledge();
    board.write(index, 0xb0, 0);
    return vector;
  }

  private void runDevice() {
    for (int i = 0; i < ROUNDS; i++) {
      board.ioApic.input(16).raise();
      board.ioApic.input(16).lower();
    }
  }

  @Test
  @Timeout(60)
  void crossedInterruptsAndEoisDoNotLockUp() throws InterruptedException {
    board.redirect(16, 0xffL << 56 | 1 << 15 | 0x70);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < ApicBoard.CPUS; i++) {
      int index = i;
      threads.add(new Thread(() -> runVcpu(index)));
    }
    threads.add(new Thread(this::runDevice));

    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    for (int i = 0; i < ApicBoard.CPUS; i++) {
      for (int pending = 0; pending < 256; pending++) {
        serve(i);
      }
    }
    assertTrue(board.pins.stream().noneMatch(pins -> pins.interrupt));
    assertEquals(0, board.entry(16) & LocalVectorTable.REMOTE_IRR);
  }
}
