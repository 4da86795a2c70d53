package org.maloca.block.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.backend.DiskThrottle;

final class LimitsInForceTest {
  private static final long SECOND = 1_000_000_000L;
  private static final boolean WRITE = true;
  private static final boolean READ = false;

  private long now = 77 * SECOND;

  private DiskThrottle limited(String... options) {
    return new LimitsInForce(DiskLimits.take(map(options)), now);
  }

  private static Map<String, String> map(String... options) {
    Map<String, String> map = new HashMap<>();
    for (String option : options) {
      map.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    return map;
  }

  /** How many requests go ahead, one after the other, each as soon as it may. */
  private long within(DiskThrottle limited, long nanos, boolean isWrite, int bytes) {
    long end = now + nanos;
    long count = 0;
    while (true) {
      now += limited.admit(isWrite, 1, bytes, now);
      if (now >= end) {
        return count;
      }
      count++;
    }
  }

  @ParameterizedTest
  @CsvSource({"iops=100", "iops-rd=100", "iops_rd=100"})
  void keeps_requests_to_their_rate_within_five_percent(String limit) {
    long reads = within(limited(limit), 30 * SECOND, READ, 4096);

    assertTrue(reads >= 2850 && reads <= 3150, reads + " reads in 30 s at 100/s");
  }

  @ParameterizedTest
  @CsvSource({"bps=1M", "bps-wr=1M"})
  void keeps_bytes_to_their_rate_within_five_percent(String limit) {
    long writes = within(limited(limit), 30 * SECOND, WRITE, 1 << 16);

    assertTrue(writes >= 456 && writes <= 504, writes + " writes of 64 KiB in 30 s at 1 MiB/s");
  }

  @Test
  void a_burst_has_its_rate_and_its_length_and_comes_again_when_it_was_saved_up() {
    DiskThrottle limited = limited("iops=100", "iops-max=1000", "iops-max-length=5");

    for (int i = 0; i < 3; i++) {
      long first = within(limited, 4 * SECOND, READ, 512);
      long last = within(limited, SECOND, READ, 512);
      long after = within(limited, 10 * SECOND, READ, 512);

      assertTrue(first >= 3995 && first <= 4101, first + " reads in the burst's first 4 s");
      assertTrue(last >= 890 && last <= 1001, last + " reads in the burst's last second");
      assertTrue(after >= 995 && after <= 1110, after + " reads in 10 s after it");
      // 4500 more than the long run's were done, which takes 45 s to save up.
      now += 45 * SECOND;
    }
  }

  @Test
  void a_burst_of_bytes_is_given_whole_whatever_the_requests_sizes() {
    for (int bytes : new int[] {4096, 1 << 20}) {
      DiskThrottle limited = limited("bps-wr=1M", "bps-wr-max=20M", "bps-wr-max-length=10");

      long burst = within(limited, 10 * SECOND, WRITE, bytes) * bytes;
      long after = within(limited, 20 * SECOND, WRITE, bytes) * bytes;

      assertEquals(200.0, (double) burst / (1 << 20), 4, "MiB in the burst's 10 s");
      assertEquals(20.0, (double) after / (1 << 20), 4, "MiB in 20 s after it");
    }
  }

  @Test
  void half_a_burst_leaves_the_other_half_for_later() {
    DiskThrottle limited = limited("iops=100", "iops-max=1000", "iops-max-length=4");

    within(limited, 2 * SECOND, READ, 512);
    // At the long run's rate nothing is saved up, and nothing spent.
    for (int i = 0; i < 1000; i++) {
      now += SECOND / 100;
      assertEquals(0, limited.admit(READ, 1, 512, now));
    }
    long rest = within(limited, 4 * SECOND, READ, 512);

    assertTrue(rest >= 2080 && rest <= 2120, rest + " reads");
  }

  @Test
  void directions_do_not_pay_for_each_other() {
    DiskThrottle limited = limited("iops-wr=1", "bps-rd=1K");

    assertEquals(0, limited.admit(WRITE, 1000, 1 << 30, now));
    assertEquals(0, limited.admit(READ, 1000, 10 << 10, now));
    assertEquals(1000 * SECOND - SECOND / 4, limited.admit(WRITE, 1, 0, now));
    assertEquals(10 * SECOND - SECOND / 4, limited.admit(READ, 1, 0, now));
  }

  @Test
  void a_limit_in_all_is_paid_for_by_both_directions() {
    DiskThrottle limited = limited("iops=10");

    assertEquals(0, limited.admit(WRITE, 10, 0, now));
    assertEquals(3 * SECOND / 4, limited.admit(READ, 10, 0, now));
    assertEquals(7 * SECOND / 4, limited.admit(WRITE, 1, 0, now));
  }

  @Test
  void a_request_larger_than_a_second_s_worth_goes_ahead_and_is_paid_for() {
    DiskThrottle limited = limited("bps=1K");

    assertEquals(0, limited.admit(WRITE, 1, 10 << 10, now));
    assertEquals(10 * SECOND - SECOND / 4, limited.admit(WRITE, 1, 512, now));
  }

  @Test
  void what_nobody_can_pay_for_waits_and_nothing_overflows() {
    DiskThrottle limited = limited("bps=1");

    for (int i = 0; i < 100; i++) {
      long wait = limited.admit(WRITE, 1, Long.MAX_VALUE, now);
      assertTrue(i == 0 ? wait == 0 : wait > Long.MAX_VALUE / 8, "" + wait);
    }
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
    assertThrows(IllegalArgumentException.class, () -> DiskLimits.take(map(text.split(","))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iops=5,bps=1048576",
        "iops-rd=5,iops-wr=6,bps-rd=7,bps-rd-max=8,bps-rd-max-length=9",
        "bps-wr=1,bps-wr-max=1,bps-wr-max-length=1"
      })
  void limits_are_told_as_they_are_given(String text) {
    assertEquals(text, DiskLimits.take(map(text.split(","))).text());
  }

  @Test
  void no_limits_are_told_as_nothing() {
    assertEquals("", DiskLimits.NONE.text());
    assertEquals("", DiskLimits.take(map("iops=0")).text());
  }

  @Test
  void options_that_are_no_limits_are_left() {
    Map<String, String> options = map("iops=5", "serial=X");

    DiskLimits.take(options);

    assertEquals(Map.of("serial", "X"), options);
  }
}
