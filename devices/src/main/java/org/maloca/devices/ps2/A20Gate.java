package org.maloca.devices.ps2;

import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The A20 gate as both of its switches see it: the one that wrote last wins. Open at power-on, as
 * every boot loader and kernel of today finds it. Safe for any thread.
 */
public final class A20Gate implements Device {
  private static final int SECTION_VERSION = 1;

  private final SystemLines lines;
  private volatile boolean isEnabled = true;

  public A20Gate(SystemLines lines) {
    this.lines = lines;
  }

  /** Whether address line 20 gets through. */
  public boolean isEnabled() {
    return isEnabled;
  }

  /** Switches the gate and tells the machine when that changed something. */
  public void set(boolean enabled) {
    if (isEnabled != enabled) {
      isEnabled = enabled;
      lines.a20Changed(enabled);
    }
  }

  void requestReset() {
    lines.reset();
  }

  @Override
  public String id() {
    return "a20-gate";
  }

  @Override
  public void reset() {
    set(true);
  }

  @Override
  public void save(SnapshotWriter writer) {
    writer.section(id(), SECTION_VERSION).put(isEnabled);
  }

  @Override
  public void restore(SnapshotReader reader) {
    set(reader.section(id(), SECTION_VERSION).getBoolean());
  }
}
