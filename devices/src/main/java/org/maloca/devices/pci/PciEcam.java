package org.maloca.devices.pci;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.memory.MemoryRegion;

/**
 * The enhanced configuration access mechanism: 4 KiB of configuration space per function as memory
 * (PCI Express Base Specification, section 7.2.2). The window spans 256 buses, 256 MiB. Stateless;
 * safe for any thread.
 */
public final class PciEcam implements IoHandler {
  public static final long DEFAULT_GPA = 0xb000_0000L;
  public static final int BUSES = 256;
  public static final long BYTES = (long) BUSES << 20;

  private final PciBus bus;

  public PciEcam(PciBus bus) {
    this.bus = bus;
  }

  /** The window as a region of guest memory. */
  public MemoryRegion.Mmio region(long gpa) {
    return new MemoryRegion.Mmio(gpa, BYTES, this);
  }

  @Override
  public long read(int offset, int size) {
    if (inOneRegister(offset, size)) {
      return bus.read(offset, size) & 0xffff_ffffL;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bus.read(offset + i, 1) & 0xffL) << 8 * i;
    }
    return value;
  }

  @Override
  public void write(int offset, int size, long value) {
    if (inOneRegister(offset, size)) {
      bus.write(offset, size, (int) value);
      return;
    }
    for (int i = 0; i < size; i++) {
      bus.write(offset + i, 1, (int) (value >>> 8 * i) & 0xff);
    }
  }

  private static boolean inOneRegister(int offset, int size) {
    return size <= 4 && (offset & 3) + size <= 4;
  }
}
