package org.maloca.devices.debug;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The power-on self-test port. Firmware writes progress codes there, and kernels use it as a short
 * delay. Keeps the last code. Safe for any thread, without a lock.
 */
public final class PostCodePort implements Device, IoHandler {
  public static final int DEFAULT_PORT = 0x80;

  private static final int SECTION_VERSION = 1;

  private volatile int code;

  /** Registers the one port. */
  public void register(PortBus ports, int port) {
    ports.register(port, 1, this);
  }

  /** The code written last, 0..255. */
  public int code() {
    return code;
  }

  @Override
  public String id() {
    return "post-code";
  }

  @Override
  public long read(int offset, int size) {
    return ~0xffL | code;
  }

  @Override
  public void write(int offset, int size, long value) {
    int written = (int) value & 0xff;
    // Kernels write here often: do not dirty the cache line for the same code.
    if (code != written) {
      code = written;
    }
  }

  @Override
  public void reset() {
    code = 0;
  }

  @Override
  public void save(SnapshotWriter writer) {
    writer.section(id(), SECTION_VERSION).put(code);
  }

  @Override
  public void restore(SnapshotReader reader) {
    code = reader.section(id(), SECTION_VERSION).getInt() & 0xff;
  }
}
