package org.maloca.devices.pm;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The reset control register at port 0xcf9 (Intel ICH9 data sheet 316972, 13.7.5): a rise of
 * RST_CPU resets the machine. The port lies among those of PCI configuration, which hand it the
 * byte accesses. Safe for any thread, without a lock.
 */
public final class ResetControl implements Device, IoHandler {
  public static final int PORT = 0xcf9;

  /** What the ACPI table has written for a full reset. */
  public static final int FULL_RESET = 0x0e;

  private static final int SECTION_VERSION = 1;
  private static final int RST_CPU = 0x04;
  private static final int KEPT = 0x0a;

  private final PowerEvents events;
  private volatile int control;

  public ResetControl(PowerEvents events) {
    this.events = events;
  }

  @Override
  public long read(int offset, int size) {
    return ~0xffL | control;
  }

  @Override
  public void write(int offset, int size, long value) {
    // RST_CPU reads as zero here because the reset that it starts clears it.
    control = (int) value & KEPT;
    if ((value & RST_CPU) != 0) {
      events.reset();
    }
  }

  @Override
  public String id() {
    return "reset-control";
  }

  @Override
  public void reset() {
    control = 0;
  }

  @Override
  public void save(SnapshotWriter writer) {
    writer.section(id(), SECTION_VERSION).put(control);
  }

  @Override
  public void restore(SnapshotReader reader) {
    control = reader.section(id(), SECTION_VERSION).getInt() & KEPT;
  }
}
