package org.maloca.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final List<Long> paid = new ArrayList<>();
  private final DiskThrottle throttle =
      (isWrite, requests, bytes, nowNanos) -> {
        paid.add(bytes);
        return 100;
      };
  private final Admission admission = new Admission();

  @Test
  void whatWasPaidForIsPaidOnceAndGranted() {
    assertFalse(admission.isGranted(throttle, true, 1, 512));
    admission.begin(10);
    assertEquals(120, admission.pay(20));
    assertEquals(120, admission.pay(50));
    assertFalse(admission.isGranted(throttle, true, 1, 512));

    admission.grant(110);

    assertEquals(110, admission.pay(115));
    assertTrue(admission.isGranted(throttle, true, 1, 512));
    assertTrue(admission.isGranted(throttle, true, 1, 512));
    assertEquals(100, admission.waitedNanos());
    assertEquals(List.of(512L), paid);
  }

  /** A guest may write other words into its request while that waits. */
  @Test
  void somethingElseIsPaidForAnew() {
    DiskThrottle other = (isWrite, requests, bytes, nowNanos) -> 7;
    assertFalse(admission.isGranted(throttle, true, 1, 512));
    admission.pay(0);
    admission.grant(100);

    assertFalse(admission.isGranted(throttle, true, 1, 1 << 30));
    assertEquals(200, admission.pay(100));
    admission.grant(200);
    assertFalse(admission.isGranted(throttle, false, 1, 1 << 30));
    assertFalse(admission.isGranted(throttle, false, 2, 1 << 30));
    assertFalse(admission.isGranted(other, false, 2, 1 << 30));
    assertEquals(207, admission.pay(200));
    assertEquals(List.of(512L, 1L << 30), paid);
  }

  @Test
  void anotherRequestStartsAfresh() {
    assertFalse(admission.isGranted(throttle, true, 1, 512));
    admission.begin(10);
    admission.pay(10);
    admission.grant(110);

    admission.clear();

    assertEquals(0, admission.waitedNanos());
    assertEquals(500, admission.pay(500), "it waits for nothing");
    assertFalse(admission.isGranted(throttle, true, 1, 512));
  }
}
