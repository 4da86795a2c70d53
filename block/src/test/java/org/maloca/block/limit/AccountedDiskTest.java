package org.maloca.block.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.IoVector;

final class AccountedDiskTest {
  private final CountingDisk disk = new CountingDisk();
  private long now;
  private final AccountedDisk accounted =
      new AccountedDisk(disk, new DiskFigures(), DiskLimits.NONE, () -> now);

  @Test
  void counts_each_kind_of_request_with_bytes_and_time() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 4096);
    disk.onRequest = () -> now += 1000;

    accounted.read(0, vector);
    accounted.read(0, vector);
    accounted.write(0, vector);
    accounted.flush();
    accounted.discard(0, 65536);

    OperationFigures reads = accounted.figures(DiskOperation.READ);
    assertEquals(2, reads.count());
    assertEquals(8192, reads.bytes());
    assertEquals(2000, reads.totalNanos());
    assertEquals(2, reads.latencies().count());
    assertEquals(1, accounted.figures(DiskOperation.WRITE).count());
    assertEquals(1, accounted.figures(DiskOperation.FLUSH).count());
    assertEquals(65536, accounted.figures(DiskOperation.DISCARD).bytes());
    assertEquals(0, accounted.figures(DiskOperation.WRITE_ZEROES).count());
  }

  @Test
  void counts_what_is_done_at_once_and_nothing_twice() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 4096);

    accounted.readAtOnce(0, vector);
    accounted.writeAtOnce(0, vector);
    disk.isAtHand = true;
    accounted.readAtOnce(0, vector);
    accounted.writeAtOnce(0, vector);

    assertEquals(1, accounted.figures(DiskOperation.READ).count());
    assertEquals(4096, accounted.figures(DiskOperation.READ).bytes());
    assertEquals(1, accounted.figures(DiskOperation.WRITE).count());
  }

  @Test
  void what_a_request_has_waited_is_part_of_how_long_it_took() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 4096);
    disk.onRequest = () -> now += 1000;

    accounted.read(0, vector, 500_000);
    accounted.write(0, vector, 600_000);
    accounted.discard(0, 4096, 700_000);
    accounted.writeZeroes(0, 4096, true, 800_000);

    assertEquals(501_000, accounted.figures(DiskOperation.READ).totalNanos());
    assertTrue(accounted.figures(DiskOperation.READ).latencies().quantileNanos(1) >= 501_000);
    assertEquals(601_000, accounted.figures(DiskOperation.WRITE).totalNanos());
    assertEquals(701_000, accounted.figures(DiskOperation.DISCARD).totalNanos());
    assertEquals(801_000, accounted.figures(DiskOperation.WRITE_ZEROES).totalNanos());
  }

  @Test
  void whoever_keeps_to_the_limits_is_told_of_new_ones() {
    AtomicInteger told = new AtomicInteger();
    accounted.onThrottleChange(told::incrementAndGet);
    assertNull(accounted.throttle());

    accounted.limit(DiskLimits.take(new HashMap<>(Map.of("iops-wr", "1"))));

    DiskThrottle first = accounted.throttle();
    assertNotNull(first);
    assertEquals(0, first.admit(true, 10, 0, now));
    assertEquals(1, told.get());
    accounted.limit(DiskLimits.take(new HashMap<>(Map.of("iops-wr", "2"))));
    DiskThrottle second = accounted.throttle();
    assertNotNull(second);
    assertEquals(0, second.admit(true, 10, 0, now), "what was owed is forgotten");
    assertEquals(2, accounted.limits().writeRequests().perSecond());
    accounted.limit(DiskLimits.NONE);
    assertNull(accounted.throttle());
    assertEquals(3, told.get());
  }

  @Test
  void what_writes_through_writes_nothing_at_once() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 4096);
    disk.isAtHand = true;
    WriteThroughDisk durable = new WriteThroughDisk(disk);

    assertFalse(durable.writeAtOnce(0, vector));
    assertTrue(durable.readAtOnce(0, vector));
  }

  @Test
  void counts_failures_apart() {
    disk.fails = true;

    assertThrows(IOException.class, accounted::flush);

    assertEquals(1, accounted.figures(DiskOperation.FLUSH).failures());
    assertEquals(0, accounted.figures(DiskOperation.FLUSH).count());
    assertEquals(0, accounted.figures(DiskOperation.FLUSH).latencies().count());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 4, 5, 7, 8, 1000, 123_456_789, Long.MAX_VALUE})
  void the_bucket_of_a_latency_is_within_a_quarter_above_it(long nanos) {
    LatencyHistogram histogram = new LatencyHistogram();

    histogram.record(nanos);

    long upper = histogram.quantileNanos(1);
    assertTrue(upper >= nanos && upper - nanos <= nanos / 4, nanos + " in " + upper);
  }

  @Test
  void quantiles_are_told_apart() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (int i = 0; i < 99; i++) {
      histogram.record(1000);
    }
    histogram.record(1_000_000);

    assertTrue(histogram.quantileNanos(0.99) < 1300);
    assertTrue(histogram.quantileNanos(1) >= 1_000_000);
  }

  @Test
  void write_through_flushes_behind_every_change() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 512);
    WriteThroughDisk through = new WriteThroughDisk(disk);

    through.write(0, vector);
    through.discard(0, 512);
    through.writeZeroes(0, 512, true);
    through.read(0, vector);

    assertEquals(3, disk.flushes);
    assertTrue(new AccountedDisk(through).isWriteThrough());
    assertFalse(accounted.isWriteThrough());
  }
}
