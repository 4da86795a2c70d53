package org.maloca.devices.pci;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * Configuration mechanism #1: an address register at 0xcf8 and a data window at 0xcfc (PCI Local
 * Bus Specification 3.0, section 3.2.2.3.2). It reaches the first 256 bytes of each function.
 *
 * <p>Takes only port 0xcf8 for the address, since the register answers to whole doublewords alone:
 * 0xcf9 belongs to the reset control register. Guests serialise address and data themselves.
 */
public final class PciConfigPorts implements Device {
  public static final int CONFIG_ADDRESS = 0xcf8;
  public static final int CONFIG_DATA = 0xcfc;

  private static final int ENABLE = 0x8000_0000;
  private static final int WRITABLE = 0x80ff_fffc;
  private static final int SECTION_VERSION = 1;

  private final PciBus bus;
  private volatile int address;

  public PciConfigPorts(PciBus bus) {
    this.bus = bus;
  }

  /** Registers ports 0xcf8 and 0xcfc to 0xcff. */
  public void register(PortBus ports) {
    ports.register(CONFIG_ADDRESS, 1, addressPort());
    ports.register(CONFIG_DATA, 4, dataPorts());
  }

  /** Port 0xcf8. */
  public IoHandler addressPort() {
    return new IoHandler() {
      @Override
      public long read(int offset, int size) {
        return size == 4 ? address : -1;
      }

      @Override
      public void write(int offset, int size, long value) {
        if (size == 4) {
          address = (int) value & WRITABLE;
        }
      }
    };
  }

  /** Ports 0xcfc to 0xcff. */
  public IoHandler dataPorts() {
    return new IoHandler() {
      @Override
      public long read(int offset, int size) {
        int selected = address;
        if ((selected & ENABLE) == 0) {
          return -1;
        }
        int target = ecamAddress(selected) + offset;
        if (offset + size <= 4) {
          return bus.read(target, size);
        }
        // The part beyond the window is another, empty, bus cycle.
        long lanes = -1L << 8 * (4 - offset);
        for (int i = 0; offset + i < 4; i++) {
          lanes |= (bus.read(target + i, 1) & 0xffL) << 8 * i;
        }
        return lanes;
      }

      @Override
      public void write(int offset, int size, long value) {
        int selected = address;
        if ((selected & ENABLE) == 0) {
          return;
        }
        int target = ecamAddress(selected) + offset;
        if (offset + size <= 4) {
          bus.write(target, size, (int) value);
          return;
        }
        for (int i = 0; offset + i < 4; i++) {
          bus.write(target + i, 1, (int) (value >>> 8 * i) & 0xff);
        }
      }
    };
  }

  private static int ecamAddress(int configAddress) {
    return (configAddress & 0xff_ff00) << 4 | configAddress & 0xfc;
  }

  @Override
  public String id() {
    return "pci-config";
  }

  @Override
  public void reset() {
    address = 0;
  }

  @Override
  public void save(SnapshotWriter writer) {
    writer.section(id(), SECTION_VERSION).put(address);
  }

  @Override
  public void restore(SnapshotReader reader) {
    address = reader.section(id(), SECTION_VERSION).getInt() & WRITABLE;
  }
}
