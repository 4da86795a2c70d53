package org.maloca.devices.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;

/** What a guest finds in its memory, read as Linux reads it. */
class KvmClockTest {
  private static final int MSR_WALL_CLOCK = 0x4b564d00;
  private static final int MSR_SYSTEM_TIME = 0x4b564d01;
  private static final int MSR_OLD_WALL_CLOCK = 0x11;
  private static final int MSR_OLD_SYSTEM_TIME = 0x12;
  private static final int RAM_BYTES = 0x10000;
  private static final long PLACE = 0x2340;
  private static final Instant BEGIN = Instant.parse("2026-11-30T12:00:00.5Z");
  private static final long GIGAHERTZ = 1_000_000_000L;

  private final RamBlock ram = allocate();
  private final GuestMemory memory =
      new GuestMemory(
          MemoryMap.of(List.of(new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0))),
          RAM_BYTES / 4096);
  private final ManualClock machine = new ManualClock(BEGIN);

  private static RamBlock allocate() {
    try {
      return RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void release() {
    ram.close();
  }

  private KvmClock clock(long tscHz) {
    return new KvmClock(0, memory, machine, tscHz);
  }

  /** {@code pvclock_clocksource_read} of a guest whose counter shows that. */
  private long guestNanos(long tsc) {
    long multiplier = memory.read(PLACE + 24, 4);
    int shift = (byte) memory.read(PLACE + 28, 1);
    long delta = tsc - memory.read(PLACE + 8, 8);
    BigInteger shifted = BigInteger.valueOf(shift < 0 ? delta >>> -shift : delta << shift);
    BigInteger scaled = shifted.multiply(BigInteger.valueOf(multiplier)).shiftRight(32);
    return memory.read(PLACE + 16, 8) + scaled.longValueExact();
  }

  @Test
  void aCounterOfOneGigahertzIsTheMachinesTime() {
    KvmClock clock = clock(GIGAHERTZ);
    machine.advance(5_000_000_000L);

    assertTrue(clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1));

    assertEquals(5_000_000_000L, guestNanos(5_000_000_000L));
    assertEquals(365L * 86_400 * GIGAHERTZ, guestNanos(365L * 86_400 * GIGAHERTZ));
    assertEquals(1, memory.read(PLACE + 29, 1), "PVCLOCK_TSC_STABLE_BIT");
  }

  /** {@code pvclock_tsc_khz}. */
  private long guestKhz() {
    int shift = (byte) memory.read(PLACE + 28, 1);
    long khz = (1_000_000L << 32) / memory.read(PLACE + 24, 4);
    return shift < 0 ? khz << -shift : khz >> shift;
  }

  @ParameterizedTest
  @ValueSource(longs = {GIGAHERTZ, 24_000_000L, 999_999_999L, 1_000_000_001L, 2_600_000_000L})
  void theRateIsTold(long tscHz) {
    clock(tscHz).writeMsr(MSR_SYSTEM_TIME, PLACE | 1);

    assertEquals(tscHz / 1000.0, guestKhz(), 1.0);
    assertEquals(100.0 * GIGAHERTZ, guestNanos(100 * tscHz), 100.0);
  }

  @Test
  void aCounterThatIsMovedLeavesTheTimeAsItIs() {
    KvmClock clock = clock(GIGAHERTZ);
    clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    long version = memory.read(PLACE, 4);

    clock.counterMoved(-3_000_000_000L);

    assertEquals(7_000_000_000L, guestNanos(4_000_000_000L));
    assertTrue(memory.read(PLACE, 4) > version);
  }

  @Test
  void theVersionIsEvenOnceAllIsWritten() {
    KvmClock clock = clock(GIGAHERTZ);

    clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    long first = memory.read(PLACE, 4);
    clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    long second = memory.read(PLACE, 4);

    assertEquals(0, first & 1);
    assertEquals(0, second & 1);
    assertTrue(second > first);
  }

  @Test
  void theWallClockIsThatOfTheSystemsBeginning() {
    KvmClock clock = clock(GIGAHERTZ);
    machine.advance(90_000_000_000L);

    assertTrue(clock.writeMsr(MSR_WALL_CLOCK, PLACE));

    assertEquals(BEGIN.getEpochSecond(), memory.read(PLACE + 4, 4));
    assertEquals(BEGIN.getNano(), memory.read(PLACE + 8, 4));
    assertEquals(0, memory.read(PLACE, 4) & 1);
  }

  @Test
  void theFirstNumbersOfTheMsrsStandForTheSame() {
    KvmClock clock = clock(GIGAHERTZ);
    long[] value = new long[1];

    assertTrue(clock.writeMsr(MSR_OLD_SYSTEM_TIME, PLACE | 1));
    assertTrue(clock.writeMsr(MSR_OLD_WALL_CLOCK, 0x100));

    assertEquals(123, guestNanos(123));
    assertTrue(clock.readMsr(MSR_SYSTEM_TIME, value));
    assertEquals(PLACE | 1, value[0]);
    assertTrue(clock.readMsr(MSR_WALL_CLOCK, value));
    assertEquals(0x100, value[0]);
  }

  @Test
  void otherMsrsAreNoneOfTheClocks() {
    KvmClock clock = clock(GIGAHERTZ);

    assertFalse(clock.writeMsr(0x4b564d02, PLACE));
    assertFalse(clock.readMsr(0x10, new long[1]));
  }

  @ParameterizedTest
  @ValueSource(longs = {RAM_BYTES + 1L, -3, 0x7fff_ffff_ffff_fffdL, RAM_BYTES - 15})
  void aPlaceThatIsNoRamIsLeftAlone(long place) {
    KvmClock clock = clock(GIGAHERTZ);

    assertTrue(clock.writeMsr(MSR_SYSTEM_TIME, place));
    assertTrue(clock.writeMsr(MSR_WALL_CLOCK, place));

    assertEquals(0, memory.read(0, 8));
  }

  @Test
  void whoSwitchesItOffIsToldNothingMore() {
    KvmClock clock = clock(GIGAHERTZ);
    clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    clock.writeMsr(MSR_SYSTEM_TIME, PLACE);
    memory.write(PLACE, 8, 0);

    clock.counterMoved(5);

    assertEquals(0, memory.read(PLACE, 8));
  }

  @Test
  void aResetForgetsThePlace() {
    KvmClock clock = clock(GIGAHERTZ);
    clock.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    long version = memory.read(PLACE, 4);

    clock.reset();
    clock.counterMoved(5);

    assertEquals(version, memory.read(PLACE, 4));
  }

  @Test
  void aRestoredClockGoesOn() {
    KvmClock saved = clock(GIGAHERTZ);
    saved.counterMoved(1000);
    saved.writeMsr(MSR_SYSTEM_TIME, PLACE | 1);
    SectionBuffer snapshot = new SectionBuffer();
    saved.save(snapshot);

    KvmClock restored = clock(GIGAHERTZ);
    restored.restore(snapshot.reader());
    restored.counterMoved(3000);

    assertEquals(2000, guestNanos(5000));
  }
}
