package org.maloca.machine.board;

import java.util.Arrays;
import org.maloca.core.cpu.CpuState;

/**
 * The memory-type range registers as PC firmware leaves them (AMD APM vol. 2, 7.7): all is
 * write-back but the VGA hole and the device regions below 4 GiB, which are uncacheable, and the
 * ROM, which is write-protected. Kernels take MTRRs that are off for a sign that the PAT does not
 * work.
 */
final class MemoryTypes {
  private static final long UNCACHEABLE = 0;
  private static final long EIGHT_WRITE_PROTECTED = 0x0505_0505_0505_0505L;
  private static final long EIGHT_WRITE_BACK = 0x0606_0606_0606_0606L;

  /** E, FE, and write-back. */
  private static final long DEFAULT_TYPE = 0xc06;

  private static final long MASK_VALID = 1 << 11;
  private static final long PHYSICAL_BITS = (1L << 48) - 1;

  /** Of the fixed ranges, 64 KiB at 0 and 16 KiB at 512 KiB. */
  private static final int LOW_RAM_REGISTERS = 2;

  /** 16 KiB at 640 KiB; then come those of 4 KiB. */
  private static final int VGA_REGISTER = 2;

  private MemoryTypes() {}

  /** Sets the registers of a CPU; all CPUs must have the same. */
  static void set(CpuState state) {
    state.mtrrDefType = DEFAULT_TYPE;
    Arrays.fill(state.mtrrFixed, 0, LOW_RAM_REGISTERS, EIGHT_WRITE_BACK);
    state.mtrrFixed[VGA_REGISTER] = UNCACHEABLE;
    int rom = VGA_REGISTER + 1;
    Arrays.fill(state.mtrrFixed, rom, state.mtrrFixed.length, EIGHT_WRITE_PROTECTED);
    int register = 0;
    // Ranges are powers of two, each aligned to its size.
    for (long at = PcMemory.LOW_RAM_LIMIT; at < PcMemory.HIGH_RAM_GPA; register += 2) {
      long size = Long.lowestOneBit(at);
      state.mtrrVariable[register] = at | UNCACHEABLE;
      state.mtrrVariable[register + 1] = PHYSICAL_BITS & -size | MASK_VALID;
      at += size;
    }
  }
}
