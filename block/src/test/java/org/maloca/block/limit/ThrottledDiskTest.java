package org.maloca.block.limit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.memory.IoVector;

final class ThrottledDiskTest {
  private static final long SECOND = 1_000_000_000L;

  private final CountingDisk disk = new CountingDisk();
  private final IoVector vector = new IoVector();
  private long now;

  private ThrottledDisk throttled(Map<String, String> options) {
    return new ThrottledDisk(
        disk,
        DiskLimits.take(new HashMap<>(options)),
        () -> now,
        new ThrottledDisk.Sleeper() {
          @Override
          public void sleep(long nanos) {
            now += nanos;
          }

          @Override
          public void wakeAll() {}
        });
  }

  private long readsWithin(ThrottledDisk limited, long nanos, int bytes) throws IOException {
    vector.clear();
    vector.add(0x1000, bytes);
    long end = now + nanos;
    long reads = 0;
    while (true) {
      limited.read(0, vector);
      if (now >= end) {
        return reads;
      }
      reads++;
    }
  }

  @ParameterizedTest
  @CsvSource({"iops,100", "iops-rd,100", "iops_rd,100"})
  void keeps_requests_to_their_rate_within_five_percent(String name, String rate)
      throws IOException {
    long reads = readsWithin(throttled(Map.of(name, rate)), 30 * SECOND, 4096);

    assertTrue(reads >= 2850 && reads <= 3150, reads + " reads in 30 s at 100/s");
  }

  @Test
  void keeps_bytes_to_their_rate_within_five_percent() throws IOException {
    long reads = readsWithin(throttled(Map.of("bps", "1M")), 30 * SECOND, 1 << 16);

    assertTrue(reads >= 456 && reads <= 504, reads + " reads of 64 KiB in 30 s at 1 MiB/s");
  }

  @Test
  void lets_a_burst_run_at_its_rate_for_its_length() throws IOException {
    ThrottledDisk limited =
        throttled(Map.of("iops", "100", "iops-max", "1000", "iops-max-length", "5"));

    long burst = readsWithin(limited, 4 * SECOND, 512);
    readsWithin(limited, 2 * SECOND, 512);
    long after = readsWithin(limited, 10 * SECOND, 512);

    assertTrue(burst >= 3800 && burst <= 4200, burst + " reads in the burst's first 4 s");
    assertTrue(after >= 950 && after <= 1050, after + " reads in 10 s after it");
  }

  @Test
  void reads_do_not_pay_for_writes() throws IOException {
    ThrottledDisk limited = throttled(Map.of("iops-wr", "1"));
    vector.clear();
    vector.add(0x1000, 512);

    for (int i = 0; i < 1000; i++) {
      limited.read(0, vector);
    }

    assertEquals(0, now);
  }

  @Test
  void a_request_larger_than_a_second_s_worth_goes_ahead_and_is_paid_for() throws IOException {
    ThrottledDisk limited = throttled(Map.of("bps", "1K"));
    vector.clear();
    vector.add(0x1000, 10 << 10);

    limited.write(0, vector);
    limited.write(0, vector);

    assertEquals(2, disk.writes);
    assertEquals(10 * SECOND - SECOND / 4, now);
  }

  @Test
  void new_limits_hold_at_once() throws IOException {
    ThrottledDisk limited = throttled(Map.of("iops", "1"));
    readsWithin(limited, 5 * SECOND, 512);

    limited.limit(DiskLimits.NONE);
    long start = now;
    vector.clear();
    vector.add(0x1000, 512);
    limited.read(0, vector);

    assertEquals(start, now);
  }

  @Test
  @Timeout(60)
  void hurried_requests_go_ahead() throws Exception {
    ThrottledDisk limited =
        new ThrottledDisk(disk, DiskLimits.take(new HashMap<>(Map.of("bps", "1"))));
    vector.clear();
    vector.add(0x1000, 1 << 20);
    limited.write(0, vector);
    Thread second =
        Thread.ofVirtual().start(() -> assertDoesNotThrow(() -> limited.write(0, vector)));

    while (second.isAlive()) {
      limited.hurry();
      Thread.onSpinWait();
    }

    assertEquals(2, disk.writes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iops=x",
        "iops=-1",
        "iops=0.5",
        "iops=10,iops-max=0.1B",
        "iops=10,iops-rd=5",
        "bps=10,bps-max=5",
        "bps-max=5",
        "iops=5,iops-max-length=0",
        "iops=5,iops-max-length=7",
        "iops-max-length=7",
        "bps=9223372036854775807G"
      })
  void limits_that_make_no_sense_are_refused(String text) {
    Map<String, String> options = new HashMap<>();
    for (String option : text.split(",")) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }

    assertThrows(IllegalArgumentException.class, () -> DiskLimits.take(options));
  }

  @Test
  void options_that_are_no_limits_are_left() {
    Map<String, String> options = new HashMap<>(Map.of("iops", "5", "serial", "X"));

    DiskLimits.take(options);

    assertEquals(Map.of("serial", "X"), options);
  }
}
