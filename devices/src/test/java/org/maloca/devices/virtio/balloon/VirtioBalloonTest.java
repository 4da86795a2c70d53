package org.maloca.devices.virtio.balloon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioBalloonTest {
  private static final long STATS_VQ = 1L << 1;
  private static final long PAGE_POISON = 1L << 4;
  private static final long PAGE_REPORTING = 1L << 5;

  private VirtioBalloon balloon;
  private final VirtioDriver driver =
      new VirtioDriver(memory -> balloon = new VirtioBalloon("balloon0", memory, true));

  @AfterEach
  void close() {
    driver.close();
  }

  private static byte[] pfns(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : numbers) {
      bytes.putInt(number);
    }
    return bytes.array();
  }

  private long at(long page) {
    return driver.memory().read(page << 12, 8);
  }

  private void mark(long page) {
    driver.memory().write(page << 12, 8, 0x1234);
    driver.memory().write((page << 12) + 4088, 8, 0x5678);
  }

  @ParameterizedTest
  @EnumSource
  void pagesInTheBalloonAreEmptyAfterwards(RingKind kind) {
    Set<Long> told = ConcurrentHashMap.newKeySet();
    driver
        .memory()
        .addListener(
            new GuestMemory.Listener() {
              @Override
              public void mapChanged() {}

              @Override
              public void watchedPageWritten(long ramPage) {
                told.add(ramPage);
              }
            });
    driver.negotiate(kind, 0);
    DriverRing inflate = driver.ring(0, 16);
    DriverRing deflate = driver.ring(1, 16);
    driver.start();
    for (int page = 0x300; page < 0x310; page++) {
      mark(page);
    }
    driver.memory().watch(0x302);
    // Two up, two down, one alone, one in a hole, one outside all.
    byte[] request = pfns(0x301, 0x302, 0x307, 0x306, 0x30c, 0x500, -1);
    inflate.send(driver.out(request));
    inflate.await();
    for (int page = 0x300; page < 0x310; page++) {
      boolean isGone = Set.of(0x301, 0x302, 0x306, 0x307, 0x30c).contains(page);
      assertEquals(isGone ? 0 : 0x1234, at(page), "page " + Integer.toHexString(page));
      assertEquals(isGone ? 0 : 0x5678, driver.memory().read((page << 12) + 4088L, 8));
    }
    assertTrue(told.contains(0x302L), "decoded code of the page is stale");
    deflate.send(driver.out(request));
    deflate.await();
    mark(0x301);
    assertEquals(0x1234, at(0x301));
  }

  @Test
  void freePagesGoBackUnlessTheyArePoisoned() {
    driver.negotiate(RingKind.SPLIT, PAGE_REPORTING | PAGE_POISON);
    DriverRing reporting = driver.ring(2, 16);
    driver.start();
    mark(0x300);
    mark(0x301);
    mark(0x302);
    reporting.send(new DriverRing.Piece(0x30_0800, 0x1800, true));
    reporting.await();
    assertEquals(0x1234, at(0x300), "not whole");
    assertEquals(0, at(0x301));
    assertEquals(0x1234, at(0x302));
    driver.setConfig(12, 4, 0xaaaa_aaaaL);
    reporting.send(new DriverRing.Piece(0x30_2000, 0x1000, true));
    reporting.await();
    assertEquals(0x1234, at(0x302));
  }

  @Test
  void targetIsToldAndStatisticsCome() {
    driver.negotiate(RingKind.PACKED, STATS_VQ);
    DriverRing statistics = driver.ring(2, 16);
    driver.start();
    balloon.setTargetBytes(3 << 20);
    driver.awaitInterrupt(2);
    assertEquals(3 << 8, driver.config(0, 4));
    driver.setConfig(4, 4, 5);
    assertEquals(5 << 12, balloon.actualBytes());

    statistics.send(
        driver.out(new byte[] {4, 0, 0, 16, 0, 0, 0, 0, 0, 0, 99, 0, 1, 1, 1, 1, 1, 1, 1, 1}));
    while (balloon.statistics().values().isEmpty()) {
      Thread.yield();
    }
    assertEquals(0x1000, balloon.statistics().values().get(BalloonStatistics.Item.FREE_MEMORY));
    assertEquals(1, balloon.statistics().values().size());
    balloon.requestStatistics();
    statistics.await();
    statistics.send(driver.out(new byte[] {4, 0, 0, 32, 0, 0, 0, 0, 0, 0}));
    while (balloon.statistics().values().get(BalloonStatistics.Item.FREE_MEMORY) != 0x2000) {
      Thread.yield();
    }
    driver.reset();
    assertEquals(0, balloon.actualBytes());
  }
}
