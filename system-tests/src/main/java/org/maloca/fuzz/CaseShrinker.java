package org.maloca.fuzz;

import java.util.function.IntPredicate;

/** Clears whatever state of a failing case does not matter for its failing. */
final class CaseShrinker {
  private static final int FX_ST = 32;
  private static final int FX_LONGS_END = 416;
  private static final long FIXED_FLAGS = 0x202;
  private static final int MXCSR_DEFAULT = 0x1f80;
  private static final long EMPTY_X87 = 0x0000_0000_0000_037fL;

  private final CaseBatch batch;
  private final CaseBatch backup;
  private final IntPredicate fails;

  /**
   * @param batch holds the case as number 0
   * @param backup a batch of the same kind
   * @param fails executes case 0 on both sides and tells whether they differ
   */
  CaseShrinker(CaseBatch batch, CaseBatch backup, IntPredicate fails) {
    this.batch = batch;
    this.backup = backup;
    this.fails = fails;
  }

  void shrink() {
    attempt(() -> batch.rflags(0, FIXED_FLAGS));
    attempt(() -> batch.fsBase(0, 0));
    attempt(() -> batch.gsBase(0, 0));
    for (int i = 0; i < 16; i++) {
      int register = i;
      attempt(() -> batch.gpr(0, register, 0));
    }
    for (int i = 0; i < batch.kind().patchCapacity(); i += 8) {
      int at = i;
      attempt(() -> batch.patchLong(0, at, 0));
    }
    if (batch.kind() == CaseKind.SSE) {
      attempt(() -> batch.mxcsr(0, MXCSR_DEFAULT));
      clearLongs(0, 256);
    } else if (batch.kind() == CaseKind.X87) {
      attempt(() -> batch.fpLong(0, 0, EMPTY_X87));
      attempt(() -> batch.fpLong(0, 24, MXCSR_DEFAULT));
      clearLongs(FX_ST, FX_LONGS_END);
    }
  }

  private void clearLongs(int from, int to) {
    for (int i = from; i < to; i += 8) {
      int at = i;
      attempt(() -> batch.fpLong(0, at, 0));
    }
  }

  private void attempt(Runnable change) {
    backup.copyInput(0, batch, 0);
    change.run();
    if (!fails.test(0)) {
      batch.copyInput(0, backup, 0);
    }
  }
}
