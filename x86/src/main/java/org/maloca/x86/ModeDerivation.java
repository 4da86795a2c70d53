package org.maloca.x86;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ir.CodeMode;

/** Computes the {@link CodeMode} from segments and control registers. */
final class ModeDerivation {
  private static final int WRITABLE_DATA = SegmentState.ATTR_P | SegmentState.ATTR_S | 2;
  private static final int DATA_CHECK = WRITABLE_DATA | 8 | 4;
  private static final int READABLE_CODE = SegmentState.ATTR_P | SegmentState.ATTR_S | 8 | 2;

  private ModeDerivation() {}

  static int derive(Cpu cpu) {
    SegmentState cs = cpu.segments[Cpu.CS];
    int mode = 0;
    boolean real = !cpu.isProtected() || cpu.isVirtual8086();
    if (real) {
      mode |= CodeMode.REAL_ADDRESSING;
    }
    if (cpu.isLongMode() && (cs.attributes & SegmentState.ATTR_L) != 0) {
      mode |= CodeMode.WIDTH_64 | CodeMode.STACK_32 | CodeMode.FLAT;
    } else {
      if ((cs.attributes & SegmentState.ATTR_DB) != 0) {
        mode |= CodeMode.WIDTH_32;
      }
      if ((cpu.segments[Cpu.SS].attributes & SegmentState.ATTR_DB) != 0) {
        mode |= CodeMode.STACK_32;
      }
      if (!real
          && (cs.attributes & READABLE_CODE) == READABLE_CODE
          && isWholeSpace(cs)
          && isFlatData(cpu.segments[Cpu.SS])
          && isFlatData(cpu.segments[Cpu.DS])
          && isFlatData(cpu.segments[Cpu.ES])) {
        mode |= CodeMode.FLAT;
      }
    }
    if (cpu.cpl == 3) {
      mode |= CodeMode.USER;
    }
    if ((cpu.cr0 & (ControlRegisters.CR0_EM | ControlRegisters.CR0_TS)) == 0
        && (cpu.cr4 & ControlRegisters.CR4_OSFXSR) != 0) {
      mode |= CodeMode.SSE_USABLE;
    }
    return mode;
  }

  private static boolean isFlatData(SegmentState segment) {
    return (segment.attributes & DATA_CHECK) == WRITABLE_DATA && isWholeSpace(segment);
  }

  private static boolean isWholeSpace(SegmentState segment) {
    return segment.base == 0 && segment.limit == -1;
  }
}
