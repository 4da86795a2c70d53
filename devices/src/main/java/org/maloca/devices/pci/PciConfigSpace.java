package org.maloca.devices.pci;

import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The registers of one function's configuration space as bytes, each bit read-only, writable, or
 * cleared by writing one (PCI Local Bus Specification 3.0, section 6). Not thread-safe.
 */
public final class PciConfigSpace {
  public static final int CONVENTIONAL_BYTES = 256;
  public static final int EXTENDED_BYTES = 4096;

  private final byte[] values;
  private final byte[] resetValues;
  private final byte[] writable;
  private final byte[] clearable;

  /**
   * Makes a space of zeros, all read-only.
   *
   * @param bytes {@link #CONVENTIONAL_BYTES} or {@link #EXTENDED_BYTES}
   */
  public PciConfigSpace(int bytes) {
    if (bytes != CONVENTIONAL_BYTES && bytes != EXTENDED_BYTES) {
      throw new IllegalArgumentException("configuration space of " + bytes + " bytes");
    }
    values = new byte[bytes];
    resetValues = new byte[bytes];
    writable = new byte[bytes];
    clearable = new byte[bytes];
  }

  public int size() {
    return values.length;
  }

  /** Reads 1, 2 or 4 bytes; those outside the space are all ones. */
  public int read(int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      int lane = at >= 0 && at < values.length ? values[at] & 0xff : 0xff;
      value |= lane << 8 * i;
    }
    return value;
  }

  /** Writes as the guest does: through the masks. */
  public void write(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      if (at >= 0 && at < values.length) {
        int lane = value >>> 8 * i;
        int kept = values[at] & ~writable[at] & ~(lane & clearable[at]);
        values[at] = (byte) (kept | lane & writable[at]);
      }
    }
  }

  /** Sets bytes as the device does: past the masks. */
  public void set(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      values[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  /** Lays down a register: its value at power-on and the bits that the guest can write. */
  public void define(int offset, int size, int resetValue, int writableBits) {
    for (int i = 0; i < size; i++) {
      resetValues[offset + i] = (byte) (resetValue >>> 8 * i);
      writable[offset + i] = (byte) (writableBits >>> 8 * i);
    }
    set(offset, size, resetValue);
  }

  /** Says which bits of a register the guest clears by writing ones. */
  public void defineClearable(int offset, int size, int clearableBits) {
    for (int i = 0; i < size; i++) {
      clearable[offset + i] = (byte) (clearableBits >>> 8 * i);
    }
  }

  /** Goes back to the values at power-on. */
  public void reset() {
    System.arraycopy(resetValues, 0, values, 0, values.length);
  }

  /** Writes the registers. */
  public void save(SnapshotWriter.Section section) {
    section.put(values);
  }

  /** Reads them back; read-only bits that nobody sets at run time come along. */
  public void restore(SnapshotReader.Section section) {
    byte[] saved = section.getBytes(values.length);
    if (saved.length != values.length) {
      throw new SnapshotException(
          "configuration space of %d bytes, not %d".formatted(saved.length, values.length));
    }
    System.arraycopy(saved, 0, values, 0, saved.length);
  }
}
