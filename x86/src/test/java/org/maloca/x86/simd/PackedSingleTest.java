package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When compiled code may take the host's packed results for those that MXCSR wants. */
class PackedSingleTest {
  /** All exceptions masked, PE already set. */
  private static final int MXCSR_INEXACT = 0x1fa0;

  private static final long ONES = pair(1f, 1f);

  private final SimdMachine machine = new SimdMachine();

  private static long pair(float low, float high) {
    return Float.floatToRawIntBits(low) & 0xffff_ffffL | (long) Float.floatToRawIntBits(high) << 32;
  }

  @Test
  void aProductThatRoundsUpToTheLeastNormalNumberIsNotSafeBecauseItUnderflowed() {
    Mxcsr.set(machine.cpu, MXCSR_INEXACT);
    long a = pair(Float.MIN_NORMAL, 2f);
    long b = pair(Math.nextDown(1f), 2f);
    long product = PackedSingle.multiply(a, b);
    assertEquals(pair(Float.MIN_NORMAL, 4f), product);
    assertFalse(PackedSingle.areSafeProducts(product, ONES, a, ONES, b, ONES, machine.cpu));
  }

  @Test
  void aQuotientThatRoundsUpToTheLeastNormalNumberIsNotSafe() {
    Mxcsr.set(machine.cpu, MXCSR_INEXACT);
    long a = pair(Math.nextDown(2 * Float.MIN_NORMAL), 1f);
    long b = pair(2f, 1f);
    long quotient = PackedSingle.divide(a, b);
    assertEquals(pair(Float.MIN_NORMAL, 1f), quotient);
    assertFalse(PackedSingle.areSafeQuotients(quotient, ONES, a, ONES, b, ONES, machine.cpu));
  }

  @Test
  void productsThatAreZeroBecauseAnOperandIsAreSafe() {
    Mxcsr.set(machine.cpu, MXCSR_INEXACT);
    long a = pair(0f, 3f);
    long b = pair(5f, 0.5f);
    assertTrue(
        PackedSingle.areSafeProducts(
            PackedSingle.multiply(a, b), ONES, a, ONES, b, ONES, machine.cpu));
  }
}
