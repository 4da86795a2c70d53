package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.ModelSpecificRegisters;

/**
 * Memory-type range registers and the PAT (AMD APM vol. 2, 7.7 and 7.8). They can be written and
 * read; memory types have no effect, since all memory is coherent.
 */
final class Mtrrs {
  private static final int VARIABLE = 8;
  private static final long CAP_FIXED = 1 << 8;
  private static final long CAP_WRITE_COMBINING = 1 << 10;
  private static final long CAPABILITIES = VARIABLE | CAP_FIXED | CAP_WRITE_COMBINING;
  private static final long DEFAULT_TYPE_WRITABLE = 0xcff;
  private static final long PHYSICAL_BITS = (1L << 48) - 1;
  private static final long BASE_RESERVED = ~PHYSICAL_BITS | 0xf00;
  private static final long MASK_RESERVED = ~PHYSICAL_BITS | 0x7ff;

  /** Bit t is set when t is a memory type: UC, WC, WT, WP, WB. */
  private static final int TYPES = 0b111_0011;

  /** The PAT knows UC- as well. */
  private static final int PAT_TYPES = TYPES | 1 << 7;

  private Mtrrs() {}

  static boolean isMtrr(int index) {
    return index == MsrIndex.MTRR_CAP
        || index == MsrIndex.MTRR_DEFAULT_TYPE
        || isVariable(index)
        || fixedNumber(index) >= 0;
  }

  private static boolean isVariable(int index) {
    return index >= MsrIndex.MTRR_PHYSICAL_BASE_0 && index <= MsrIndex.MTRR_PHYSICAL_MASK_7;
  }

  /** Place among the fixed-range registers, or -1. */
  private static int fixedNumber(int index) {
    return switch (index) {
      case MsrIndex.MTRR_FIX_64K -> 0;
      case MsrIndex.MTRR_FIX_16K_0, MsrIndex.MTRR_FIX_16K_1 -> 1 + index - MsrIndex.MTRR_FIX_16K_0;
      default ->
          index >= MsrIndex.MTRR_FIX_4K_0 && index <= MsrIndex.MTRR_FIX_4K_7
              ? 3 + index - MsrIndex.MTRR_FIX_4K_0
              : -1;
    };
  }

  static long read(Cpu cpu, int index) {
    ModelSpecificRegisters msr = cpu.msr;
    if (index == MsrIndex.MTRR_CAP) {
      return CAPABILITIES;
    }
    if (index == MsrIndex.MTRR_DEFAULT_TYPE) {
      return msr.mtrrDefType;
    }
    return isVariable(index)
        ? msr.mtrrVariable[index - MsrIndex.MTRR_PHYSICAL_BASE_0]
        : msr.mtrrFixed[fixedNumber(index)];
  }

  static void write(Cpu cpu, int index, long value) {
    ModelSpecificRegisters msr = cpu.msr;
    if (!accepts(index, value)) {
      throw cpu.generalProtection();
    }
    if (index == MsrIndex.MTRR_DEFAULT_TYPE) {
      msr.mtrrDefType = value;
    } else if (isVariable(index)) {
      msr.mtrrVariable[index - MsrIndex.MTRR_PHYSICAL_BASE_0] = value;
    } else {
      msr.mtrrFixed[fixedNumber(index)] = value;
    }
  }

  private static boolean accepts(int index, long value) {
    if (index == MsrIndex.MTRR_CAP) {
      return false;
    }
    if (index == MsrIndex.MTRR_DEFAULT_TYPE) {
      return (value & ~DEFAULT_TYPE_WRITABLE) == 0 && isType((int) value & 0xff, TYPES);
    }
    if (isVariable(index)) {
      boolean isBase = (index & 1) == 0;
      return isBase
          ? (value & BASE_RESERVED) == 0 && isType((int) value & 0xff, TYPES)
          : (value & MASK_RESERVED) == 0;
    }
    return areTypes(value, TYPES);
  }

  /** Whether each byte of a value is a memory type that the PAT can hold. */
  static boolean isPat(long value) {
    return areTypes(value, PAT_TYPES);
  }

  private static boolean areTypes(long value, int types) {
    for (int shift = 0; shift < 64; shift += 8) {
      if (!isType((int) (value >>> shift) & 0xff, types)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isType(int type, int types) {
    return type < 8 && (types >> type & 1) != 0;
  }
}
