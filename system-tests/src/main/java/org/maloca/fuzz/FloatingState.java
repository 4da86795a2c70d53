package org.maloca.fuzz;

import java.util.SplittableRandom;

/** Chooses XMM registers, MXCSR and the x87 state of a case. */
final class FloatingState {
  private static final int MXCSR_DEFAULT = 0x1f80;
  private static final int PRECISION_EXCEPTION = 0x20;
  private static final int FCW_DEFAULT = 0x037f;
  private static final int FX_MXCSR = 24;
  private static final int FX_ST = 32;
  private static final int STATUS_ERROR = 0x8080;
  private static final long[] ONE = {0x3fff, Long.MIN_VALUE};
  private static final Form.Data[] STYLES = {Form.Data.INT, Form.Data.F32, Form.Data.F64};

  private final SplittableRandom random;
  private final boolean sparse;

  FloatingState(SplittableRandom random, boolean sparse) {
    this.random = random;
    this.sparse = sparse;
  }

  void fill(CaseBatch batch, int index, Encoding e) {
    int mxcsr = mxcsr();
    batch.mxcsr(index, mxcsr);
    switch (batch.kind()) {
      case GPR -> batch.mxcsr(index, MXCSR_DEFAULT);
      case SSE -> fillXmm(batch, index, e);
      case X87 -> {
        fillXmm(batch, index, e);
        fillX87(batch, index, e);
        batch.fpLong(index, FX_MXCSR, mxcsr);
      }
    }
  }

  private void fillXmm(CaseBatch batch, int index, Encoding e) {
    var hint = e.form.data();
    boolean anyOperand = e.form.map() == Form.Map.SEQUENCE;
    for (int i = 0; i < 16; i++) {
      boolean operand = i == e.reg || i == e.rm || i == 0 || anyOperand;
      if (sparse && !operand) {
        batch.xmm(index, i, 0, 0x0101_0101_0101_0101L * (i + 1));
        batch.xmm(index, i, 1, 0);
        continue;
      }
      if (!operand) {
        // Not an operand: anything will do.
        batch.xmm(index, i, 0, random.nextLong());
        batch.xmm(index, i, 1, random.nextLong());
        continue;
      }
      int choice = random.nextInt(16);
      var style = choice < 3 ? STYLES[choice] : hint;
      batch.xmm(index, i, 0, Values.element(random, style));
      batch.xmm(index, i, 1, Values.element(random, style));
    }
    if (e.form.has(Form.Trait.LENGTHS) || e.form.immediate() == Form.Immediate.BYTE) {
      // String comparisons and shuffles: bytes that repeat, and small counts.
      if (random.nextInt(3) == 0) {
        batch.xmm(index, e.rm, 0, few());
        batch.xmm(index, e.rm, 1, few());
        batch.xmm(index, e.reg, 0, few());
        batch.xmm(index, e.reg, 1, few());
      }
    } else if (hint == Form.Data.INT && random.nextInt(3) == 0) {
      batch.xmm(index, e.rm, 0, random.nextInt(70));
    }
  }

  private long few() {
    return random.nextLong() & 0x0301_0300_0103_0003L * (random.nextInt(4) + 1);
  }

  /**
   * Any rounding, often with FTZ or DAZ, sometimes with exceptions unmasked; often what programs
   * have, once something was inexact.
   */
  int mxcsr() {
    int bits = random.nextInt();
    int choice = bits >>> 28;
    int value = MXCSR_DEFAULT | bits & 0x6000;
    if (choice < 4) {
      value |= bits & 0x8040;
    } else if (choice < 6) {
      value = value & ~0x1f80 | bits & 0x1f80 | bits & 0x8040;
    } else if (choice < 8) {
      value |= bits & 0x3f;
    } else if (choice < 12) {
      value = MXCSR_DEFAULT | PRECISION_EXCEPTION;
    }
    return value;
  }

  /** Any rounding and precision, sometimes with exceptions unmasked. */
  int controlWord() {
    int bits = random.nextInt();
    int choice = bits >>> 28;
    int value = FCW_DEFAULT & ~0x300 | bits & 0xc00;
    // Precision 01 is reserved.
    int precision = bits >>> 24 & 7;
    value |= precision == 0 ? 0 : precision == 1 ? 0x200 : 0x300;
    return choice < 4 ? value & ~0x3f | bits & 0x3f : value;
  }

  private void fillX87(CaseBatch batch, int index, Encoding e) {
    int control = controlWord();
    int status = statusWord(control);
    batch.fpLong(index, 0, control | (long) status << 16 | (long) tags() << 32);
    batch.fpLong(index, 8, 0);
    batch.fpLong(index, 16, 0);
    for (int i = 0; i < 8; i++) {
      long[] value = sparse && i > 1 && i != (e.rm & 7) && i != (e.reg & 7) ? ONE : value(e);
      batch.fpLong(index, FX_ST + 16 * i, value[1]);
      batch.fpLong(index, FX_ST + 16 * i + 8, value[0]);
    }
  }

  /** MMX registers are significands below an exponent of all ones. */
  private long[] value(Encoding e) {
    boolean mmx = e.form.map() != Form.Map.ONE_BYTE && e.form.map() != Form.Map.SEQUENCE;
    if (mmx && random.nextInt(4) != 0) {
      return new long[] {0xffff, Values.element(random, e.form.data())};
    }
    return Values.extended(random);
  }

  private int statusWord(int control) {
    int bits = random.nextInt();
    int status = bits & 0x7f00;
    if (bits >>> 29 == 0) {
      status |= bits & 0x7f;
    }
    // Pending unmasked exceptions only now and then: they hide everything else.
    if ((status & ~control & 0x3f) != 0) {
      status = bits >>> 26 == 0 ? status | STATUS_ERROR : status & ~0x7f;
    }
    return status;
  }

  private int tags() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(256);
      case 1 -> 0xff & ~(1 << random.nextInt(8));
      default -> 0xff;
    };
  }

  /** Makes the patch an FXSAVE64 image. */
  void imageInPatch(CaseBatch batch, int index) {
    int control = controlWord();
    batch.patchLong(index, 0, control | (long) statusWord(control) << 16 | (long) tags() << 32);
    int mxcsr = random.nextInt(10) == 0 ? random.nextInt() & ~0x20000 : mxcsr();
    batch.patchLong(index, FX_MXCSR, mxcsr & 0xffffffffL);
    for (int i = 0; i < 8; i++) {
      long[] value = Values.extended(random);
      batch.patchLong(index, FX_ST + 16 * i, value[1]);
      batch.patchLong(index, FX_ST + 16 * i + 8, value[0]);
    }
  }

  /** Makes the patch begin with an x87 environment: FLDENV, and FRSTOR's first part. */
  void environmentInPatch(CaseBatch batch, int index, boolean words) {
    int control = controlWord();
    int status = statusWord(control);
    int tags = random.nextInt(65536);
    if (words) {
      batch.patchLong(index, 0, control | (long) status << 16 | (long) tags << 32);
    } else {
      batch.patchLong(index, 0, control | 0xffff_0000L | (long) status << 32 | 0xffffL << 48);
      batch.patchLong(index, 8, tags | 0xffff_0000L);
    }
  }
}
