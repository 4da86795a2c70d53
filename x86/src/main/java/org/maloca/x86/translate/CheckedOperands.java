package org.maloca.x86.translate;

import static org.maloca.x86.translate.VectorOperands.A_LOW;
import static org.maloca.x86.translate.VectorOperands.B_LOW;

import java.lang.constant.ConstantDescs;

/**
 * The ranges of the operands of the scalar instruction that is being emitted, narrowed by checks
 * where an operation needs to know more. A check that fails leaves the instruction to the
 * interpreter.
 */
final class CheckedOperands {
  private final Emitter emitter;
  private final VectorOperands operands;
  private final ScalarFormat format;

  /** What is known of a memory operand. */
  private int memoryLow;

  private int memoryHigh;

  CheckedOperands(Emitter emitter, VectorOperands operands, ScalarFormat format) {
    this.emitter = emitter;
    this.operands = operands;
    this.format = format;
    memoryLow = FloatRanges.UNKNOWN;
    memoryHigh = -FloatRanges.UNKNOWN;
  }

  int low(int half) {
    int register = operands.register(half);
    return register < 0 ? memoryLow : emitter.xmm.ranges.low(format.slot(register));
  }

  int high(int half) {
    int register = operands.register(half);
    return register < 0 ? memoryHigh : emitter.xmm.ranges.high(format.slot(register));
  }

  private void narrow(int half) {
    format.requireCommon(half);
    int low = Math.max(low(half), -format.commonExponent());
    int high = Math.min(high(half), format.commonExponent());
    int register = operands.register(half);
    if (register < 0) {
      memoryLow = low;
      memoryHigh = high;
    } else {
      emitter.xmm.ranges.set(format.slot(register), low, high);
    }
  }

  /** Leaves the region unless MXCSR wants what the host does. */
  void requireHost() {
    if (!emitter.xmm.ranges.hostSuffices()) {
      emitter.code.aload(Locals.CPU);
      emitter.code.getfield(Names.CPU, "hostFloatsSuffice", ConstantDescs.CD_boolean);
      emitter.exactness.leaveIfZero();
      emitter.xmm.ranges.setHostSuffices(true);
    }
  }

  /** No denormals, infinities, NaNs. */
  void requirePlain(int half) {
    if (low(half) < format.leastExponent() || high(half) > format.greatestExponent() + 1) {
      narrow(half);
    }
  }

  /** Not beyond 2^high. */
  void requireBelow(int half, int high) {
    requirePlain(half);
    if (high(half) > high) {
      narrow(half);
    }
  }

  /** That a sum or difference stays finite. */
  void forSum() {
    requireBelow(A_LOW, format.greatestExponent() - 1);
    requireBelow(B_LOW, format.greatestExponent() - 1);
  }

  /** That a product is neither too large nor too small. */
  void forProduct() {
    requirePlain(A_LOW);
    requirePlain(B_LOW);
    if (!fitsProduct() && isUncommon(A_LOW)) {
      narrow(A_LOW);
    }
    if (!fitsProduct()) {
      narrow(B_LOW);
    }
  }

  private boolean fitsProduct() {
    return low(A_LOW) + low(B_LOW) >= format.leastExponent()
        && high(A_LOW) + high(B_LOW) <= format.greatestExponent();
  }

  /** That a quotient is neither too large nor too small, unless the divisor is zero. */
  void forQuotient() {
    requirePlain(A_LOW);
    requirePlain(B_LOW);
    if (!fitsQuotient() && isUncommon(A_LOW)) {
      narrow(A_LOW);
    }
    if (!fitsQuotient()) {
      narrow(B_LOW);
    }
  }

  private boolean fitsQuotient() {
    return low(A_LOW) - high(B_LOW) >= format.leastExponent()
        && high(A_LOW) - low(B_LOW) <= format.greatestExponent();
  }

  private boolean isUncommon(int half) {
    return low(half) < -format.commonExponent() || high(half) > format.commonExponent();
  }
}
