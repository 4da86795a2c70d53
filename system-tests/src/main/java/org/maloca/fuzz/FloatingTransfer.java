package org.maloca.fuzz;

import org.maloca.x86.Cpu;
import org.maloca.x86.fpu.X87State;
import org.maloca.x86.simd.Mxcsr;

/**
 * Moves the floating-point state of cases into a software CPU and out of it: XMM registers, or the
 * FXSAVE64 image (Intel SDM vol. 1, 10.5.1).
 */
final class FloatingTransfer {
  private static final int FIP = 8;
  private static final int FDP = 16;
  private static final int MXCSR = 24;
  private static final int ST = 32;
  private static final int XMM = 160;
  private static final long MXCSR_MASK = 0xffff;

  private final Cpu cpu;

  FloatingTransfer(Cpu cpu) {
    this.cpu = cpu;
  }

  void load(CaseBatch batch, int index) {
    switch (batch.kind()) {
      case GPR -> {}
      case SSE -> {
        Mxcsr.set(cpu, batch.mxcsr(index));
        loadXmm(batch, index, 0);
      }
      case X87 -> loadImage(batch, index);
    }
  }

  private void loadXmm(CaseBatch batch, int index, int from) {
    for (int i = 0; i < 32; i++) {
      cpu.xmm[i] = batch.fpLong(index, from + 8 * i);
    }
  }

  private void loadImage(CaseBatch batch, int index) {
    X87State x87 = cpu.x87;
    long head = batch.fpLong(index, 0);
    x87.setStatusWord((int) (head >>> 16) & 0xffff);
    x87.setControl((int) head & 0xffff);
    x87.emptyMask = (int) ~(head >>> 32) & 0xff;
    x87.lastOpcode = (int) (head >>> 48) & 0x7ff;
    x87.lastInstruction = batch.fpLong(index, FIP);
    x87.lastData = batch.fpLong(index, FDP);
    x87.lastInstructionSelector = 0;
    x87.lastDataSelector = 0;
    for (int i = 0; i < 8; i++) {
      int register = x87.physical(i);
      x87.mantissa[register] = batch.fpLong(index, ST + 16 * i);
      x87.signExponent[register] = (int) batch.fpLong(index, ST + 16 * i + 8) & 0xffff;
    }
    Mxcsr.set(cpu, (int) batch.fpLong(index, MXCSR));
    loadXmm(batch, index, XMM);
  }

  void store(CaseBatch batch, int index) {
    switch (batch.kind()) {
      case GPR -> {}
      case SSE -> {
        batch.resultMxcsr(index, Mxcsr.get(cpu));
        storeXmm(batch, index, 0);
      }
      case X87 -> storeImage(batch, index);
    }
  }

  private void storeXmm(CaseBatch batch, int index, int to) {
    for (int i = 0; i < 32; i++) {
      batch.resultFpLong(index, to + 8 * i, cpu.xmm[i]);
    }
  }

  private void storeImage(CaseBatch batch, int index) {
    X87State x87 = cpu.x87;
    int mxcsr = Mxcsr.get(cpu);
    long head =
        x87.control
            | (long) x87.statusWord() << 16
            | (~x87.emptyMask & 0xffL) << 32
            | (long) x87.lastOpcode << 48;
    batch.resultFpLong(index, 0, head);
    batch.resultFpLong(index, FIP, x87.lastInstruction);
    batch.resultFpLong(index, FDP, x87.lastData);
    batch.resultFpLong(index, MXCSR, mxcsr & 0xffff_ffffL | MXCSR_MASK << 32);
    batch.resultMxcsr(index, mxcsr);
    for (int i = 0; i < 8; i++) {
      int register = x87.physical(i);
      batch.resultFpLong(index, ST + 16 * i, x87.mantissa[register]);
      batch.resultFpLong(index, ST + 16 * i + 8, x87.signExponent[register]);
    }
    storeXmm(batch, index, XMM);
  }
}
