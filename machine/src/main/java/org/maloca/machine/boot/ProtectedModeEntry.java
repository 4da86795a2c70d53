package org.maloca.machine.boot;

import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;

/** CPU states in which boot protocols enter a kernel: flat 32-bit, and flat 64-bit. */
final class ProtectedModeEntry {
  static final long CR0_PE = 1;
  static final long CR0_ET = 1 << 4;
  static final long CR0_PG = 1L << 31;
  static final long CR4_PAE = 1 << 5;
  static final long EFER_LME = 1 << 8;
  static final long EFER_LMA = 1 << 10;

  private static final int CODE_READ_ACCESSED = 0xb;
  private static final int DATA_WRITE_ACCESSED = 0x3;
  private static final int TSS_BUSY = 0xb;
  private static final int PRESENT_SEGMENT = SegmentState.ATTR_P | SegmentState.ATTR_S;
  private static final int FLAT_LIMIT = -1;

  static final int CODE32 =
      CODE_READ_ACCESSED | PRESENT_SEGMENT | SegmentState.ATTR_DB | SegmentState.ATTR_G;
  static final int CODE64 =
      CODE_READ_ACCESSED | PRESENT_SEGMENT | SegmentState.ATTR_L | SegmentState.ATTR_G;
  static final int DATA =
      DATA_WRITE_ACCESSED | PRESENT_SEGMENT | SegmentState.ATTR_DB | SegmentState.ATTR_G;

  private ProtectedModeEntry() {}

  /** Paging off, flat segments with these selectors, interrupts off. */
  static CpuState flat32(int codeSelector, int dataSelector, long entry) {
    CpuState state = new CpuState();
    state.reset();
    setSegments(state, codeSelector, CODE32, dataSelector);
    state.cr0 = CR0_PE | CR0_ET;
    state.rip = entry;
    return state;
  }

  /** Long mode over the page tables at {@code cr3}. */
  static CpuState flat64(int codeSelector, int dataSelector, long entry, long cr3) {
    CpuState state = new CpuState();
    state.reset();
    setSegments(state, codeSelector, CODE64, dataSelector);
    state.cr0 = CR0_PE | CR0_ET | CR0_PG;
    state.cr3 = cr3;
    state.cr4 = CR4_PAE;
    state.efer = EFER_LME | EFER_LMA;
    state.rip = entry;
    return state;
  }

  /** The GDT descriptor of a flat segment with those attributes (AMD APM vol. 2, 4.7). */
  static long flatDescriptor(int attributes) {
    return 0xffffL
        | (long) (attributes & 0xff) << 40
        | 0xfL << 48
        | (long) (attributes >> 12) << 52;
  }

  private static void setSegments(CpuState state, int code, int codeAttributes, int data) {
    for (SegmentState segment : state.segments) {
      segment.set(data, 0, FLAT_LIMIT, DATA);
    }
    state.segments[CpuState.CS].set(code, 0, FLAT_LIMIT, codeAttributes);
    state.tr.set(0, 0, 0x67, SegmentState.ATTR_P | TSS_BUSY);
    state.idtrLimit = 0;
    state.gdtrLimit = 0;
  }
}
