package org.maloca.block.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.memory.IoVector;

final class AccountedDiskTest {
  private final CountingDisk disk = new CountingDisk();
  private long now;
  private final AccountedDisk accounted = new AccountedDisk(disk, new DiskFigures(), () -> now);

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
  void limited_disks_do_nothing_at_once() throws IOException {
    IoVector vector = new IoVector();
    vector.add(0x1000, 4096);
    disk.isAtHand = true;
    ThrottledDisk throttled = new ThrottledDisk(disk, DiskLimits.NONE);
    WriteThroughDisk durable = new WriteThroughDisk(disk);

    assertFalse(throttled.readAtOnce(0, vector));
    assertFalse(throttled.writeAtOnce(0, vector));
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
    assertTrue(new AccountedDisk(new ThrottledDisk(through, DiskLimits.NONE)).isWriteThrough());
    assertFalse(accounted.isWriteThrough());
  }
}
