package org.maloca.devices.pci;

import org.maloca.core.bus.IoHandler;

/**
 * A base address register as its function declares it (PCI Local Bus Specification 3.0, section
 * 6.2.5.1).
 *
 * @param index of its (first) register, 0..5
 * @param kind what it decodes
 * @param size in bytes, a power of two: at least 16 for memory, 4 to 256 for ports
 * @param handler serves accesses, by offset into the window
 */
public record PciBar(int index, Kind kind, long size, IoHandler handler) {
  /** What a BAR decodes. */
  public enum Kind {
    PORTS(0x1, false),
    MEMORY_32(0x0, false),
    MEMORY_32_PREFETCHABLE(0x8, false),
    MEMORY_64(0x4, true),
    MEMORY_64_PREFETCHABLE(0xc, true);

    private final int typeBits;
    private final boolean isWide;

    Kind(int typeBits, boolean isWide) {
      this.typeBits = typeBits;
      this.isWide = isWide;
    }

    /** The read-only low bits of the register. */
    int typeBits() {
      return typeBits;
    }

    /** Whether it takes two registers. */
    boolean isWide() {
      return isWide;
    }

    boolean isPorts() {
      return this == PORTS;
    }
  }

  public PciBar {
    long least = kind.isPorts() ? 4 : 16;
    long most = kind.isPorts() ? 256 : kind.isWide() ? 1L << 40 : 1L << 31;
    if (Long.bitCount(size) != 1 || size < least || size > most) {
      throw new IllegalArgumentException("BAR size " + size);
    }
    if (index < 0 || index + (kind.isWide() ? 1 : 0) > 5) {
      throw new IllegalArgumentException("BAR index " + index);
    }
  }

  /** Offset of the register in configuration space. */
  int register() {
    return PciFunction.BAR0 + 4 * index;
  }

  /** The bits of the register (pair) that hold the address. */
  long addressMask() {
    long mask = -size;
    return kind.isWide() ? mask : mask & 0xffff_ffffL;
  }
}
