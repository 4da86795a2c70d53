package org.maloca.devices.isa;

import org.maloca.core.bus.IoHandler;

/**
 * Puts a device with 8-bit registers on a bus: wider accesses run as single bytes, low first, as
 * the ISA bus splits them. Bytes past the last register read as ones and swallow writes.
 */
public final class ByteLanes implements IoHandler {
  /** Reads a register; bits above 8 are ignored. */
  @FunctionalInterface
  public interface Reader {
    int read(int register);
  }

  /** Writes a register; {@code value} is 0..255. */
  @FunctionalInterface
  public interface Writer {
    void write(int register, int value);
  }

  private final int registers;
  private final Reader reader;
  private final Writer writer;

  public ByteLanes(int registers, Reader reader, Writer writer) {
    this.registers = registers;
    this.reader = reader;
    this.writer = writer;
  }

  @Override
  public long read(int offset, int size) {
    long value = 0;
    for (int lane = 0; lane < size; lane++) {
      int register = offset + lane;
      long read = register < registers ? reader.read(register) & 0xff : 0xff;
      value |= read << 8 * lane;
    }
    return value;
  }

  @Override
  public void write(int offset, int size, long value) {
    for (int lane = 0; lane < size && offset + lane < registers; lane++) {
      writer.write(offset + lane, (int) (value >>> 8 * lane) & 0xff);
    }
  }
}
