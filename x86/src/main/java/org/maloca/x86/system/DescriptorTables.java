package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;

/** Reads and marks descriptors in the GDT and LDT (AMD APM vol. 2, 4.6). */
final class DescriptorTables {
  private static final int TABLE_INDICATOR = 4;
  private static final int BYTE_OF_TYPE = 5;
  private static final long ACCESSED_BIT = 1L << 40;

  private DescriptorTables() {}

  static boolean isNull(int selector) {
    return (selector & 0xfffc) == 0;
  }

  static boolean isLocal(int selector) {
    return (selector & TABLE_INDICATOR) != 0;
  }

  /** Error code that tells of a selector. */
  static int errorCode(int selector) {
    return selector & 0xfffc;
  }

  /** Whether {@code bytes} of the selector's descriptor lie in its table. */
  static boolean contains(Cpu cpu, int selector, int bytes) {
    long last = (selector & 0xfff8) + bytes - 1;
    if (!isLocal(selector)) {
      return last <= (cpu.gdtrLimit & 0xffff);
    }
    return (cpu.ldtr.attributes & SegmentState.ATTR_P) != 0
        && last <= (cpu.ldtr.limit & 0xffff_ffffL);
  }

  /** Linear address of the descriptor. */
  static long address(Cpu cpu, int selector) {
    long base = isLocal(selector) ? cpu.ldtr.base : cpu.gdtrBase;
    return base + (selector & 0xfff8);
  }

  /**
   * Reads a descriptor.
   *
   * @param vector what to raise, with the selector as error code, when it is outside the table
   */
  static long read(Cpu cpu, int selector, int vector) {
    if (!contains(cpu, selector, 8)) {
      throw cpu.fault(vector, errorCode(selector));
    }
    return cpu.mmu.systemLoad(address(cpu, selector), 8);
  }

  /** Reads the second half of a 16-byte system descriptor of long mode. */
  static long readUpper(Cpu cpu, int selector, int vector) {
    if (!contains(cpu, selector, 16)) {
      throw cpu.fault(vector, errorCode(selector));
    }
    long upper = cpu.mmu.systemLoad(address(cpu, selector) + 8, 8);
    if ((upper >>> 40 & 0x1f) != 0) {
      throw cpu.fault(vector, errorCode(selector));
    }
    return upper;
  }

  /** Sets the accessed bit of a code or data descriptor if it is clear. */
  static void markAccessed(Cpu cpu, int selector, long raw) {
    if ((raw & ACCESSED_BIT) == 0) {
      storeTypeByte(cpu, selector, (int) ((raw | ACCESSED_BIT) >>> 40));
    }
  }

  /** Sets or clears the busy bit of a TSS descriptor. */
  static void setBusy(Cpu cpu, int selector, boolean busy) {
    int old = (int) cpu.mmu.systemLoad(address(cpu, selector) + BYTE_OF_TYPE, 1);
    int now = busy ? old | Descriptor.TYPE_BUSY : old & ~Descriptor.TYPE_BUSY;
    storeTypeByte(cpu, selector, now);
  }

  private static void storeTypeByte(Cpu cpu, int selector, int value) {
    cpu.mmu.systemStore(address(cpu, selector) + BYTE_OF_TYPE, 1, value);
  }
}
