package org.maloca.devices.virtio;

/**
 * A device's configuration structure (virtio 1.2, section 2.5): little-endian bytes that the driver
 * reads, and a generation that changes with them. Safe for any thread.
 */
public final class VirtioConfig {
  private final byte[] bytes;
  private int generation;

  public VirtioConfig(int size) {
    bytes = new byte[size];
  }

  public int size() {
    return bytes.length;
  }

  /** Sets a field of 1, 2, 4 or 8 bytes. */
  public synchronized void set(int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
    generation++;
  }

  /** Sets bytes. */
  public synchronized void set(int offset, byte[] value) {
    System.arraycopy(value, 0, bytes, offset, value.length);
    generation++;
  }

  /** Reads 1, 2, 4 or 8 bytes; those outside are zeros. */
  public synchronized long get(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int at = offset + i;
      value = value << 8 | (at >= 0 && at < bytes.length ? bytes[at] & 0xff : 0);
    }
    return value;
  }

  /** Changes whenever the bytes do, modulo 256. */
  synchronized int generation() {
    return generation & 0xff;
  }
}
