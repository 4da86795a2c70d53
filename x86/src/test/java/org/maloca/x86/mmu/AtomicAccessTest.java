package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.TwoCpuMachine;

class AtomicAccessTest {
  private static final int ROUNDS = 100_000;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final Mmu first = machine.first.mmu;
  private final Mmu second = machine.second.mmu;

  @AfterEach
  void close() {
    machine.close();
  }

  private static void add(Mmu mmu, long address, int size, long addend) {
    for (int i = 0; i < ROUNDS; i++) {
      long seen = mmu.load(address, size);
      long found = mmu.compareExchange(address, size, seen, seen + addend);
      while (found != seen) {
        seen = found;
        found = mmu.compareExchange(address, size, seen, seen + addend);
      }
    }
  }

  private static void addToBothHalves(Mmu mmu, long address) {
    for (int i = 0; i < ROUNDS; i++) {
      long low = mmu.load64(address);
      long high = mmu.load64(address + 8);
      while (!mmu.compareExchange128(address, low, high, low + 1, high + 1)) {
        low = mmu.foundLow;
        high = mmu.foundHigh;
      }
    }
  }

  @Test
  void sixteenBytesLoseNoLockedAddToOneHalf() {
    machine.together(() -> addToBothHalves(first, 0x1000), () -> add(second, 0x1008, 8, 1));

    assertEquals(ROUNDS, machine.memory.read(0x1000, 8));
    assertEquals(2 * ROUNDS, machine.memory.read(0x1008, 8));
  }

  @Test
  void sixteenBytesOfTwoCpusAreAtomicToEachOther() {
    machine.together(() -> addToBothHalves(first, 0x1000), () -> addToBothHalves(second, 0x1000));

    assertEquals(2 * ROUNDS, machine.memory.read(0x1000, 8));
    assertEquals(2 * ROUNDS, machine.memory.read(0x1008, 8));
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1004, 0x1ffc})
  void splitLocksLoseNoLockedAddToOnePart(long address) {
    machine.together(() -> add(first, address, 8, 1), () -> add(second, address + 4, 4, 1));

    assertEquals((long) ROUNDS << 32 | ROUNDS, machine.memory.read(address, 8));
  }

  @Test
  void locksOnWatchedPagesLoseNoLockedAddToAPart() {
    machine.memory.watch(1);

    machine.together(() -> add(first, 0x1000, 8, 1), () -> add(second, 0x1004, 4, 1));

    assertEquals((long) ROUNDS << 32 | ROUNDS, machine.memory.read(0x1000, 8));
  }

  @Test
  void aSplitExchangeThatFindsSomethingElseChangesNothing() {
    machine.memory.write(0x1000, 8, 0x0706050403020100L);
    machine.memory.write(0x1008, 8, 0x0f0e0d0c0b0a0908L);

    assertEquals(0x09080706L, first.compareExchange(0x1006, 4, 5, 1));
    assertEquals(0x0706050403020100L, machine.memory.read(0x1000, 8));
    assertEquals(0x0f0e0d0c0b0a0908L, machine.memory.read(0x1008, 8));
  }

  @Test
  void aSplitExchangeChangesItsBytesOnly() {
    machine.memory.write(0x1000, 8, 0x0706050403020100L);
    machine.memory.write(0x1008, 8, 0x0f0e0d0c0b0a0908L);

    assertEquals(0x09080706L, first.compareExchange(0x1006, 4, 0x09080706L, 0xffeeddccL));
    assertEquals(0xddcc050403020100L, machine.memory.read(0x1000, 8));
    assertEquals(0x0f0e0d0c0b0affeeL, machine.memory.read(0x1008, 8));
  }
}
