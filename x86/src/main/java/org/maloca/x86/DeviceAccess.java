package org.maloca.x86;

import org.maloca.core.memory.MemoryRegion;

/** How a vCPU reaches the registers of devices in memory. */
public interface DeviceAccess {
  /** Straight to the device. */
  DeviceAccess DIRECT =
      new DeviceAccess() {
        @Override
        public long read(MemoryRegion.Mmio region, int offset, int size) {
          return region.handler().read(offset, size);
        }

        @Override
        public void write(MemoryRegion.Mmio region, int offset, int size, long value) {
          region.handler().write(offset, size, value);
        }
      };

  /** Reads 1, 2, 4 or 8 bytes. */
  long read(MemoryRegion.Mmio region, int offset, int size);

  /** Writes 1, 2, 4 or 8 bytes, zero-extended. */
  void write(MemoryRegion.Mmio region, int offset, int size, long value);
}
