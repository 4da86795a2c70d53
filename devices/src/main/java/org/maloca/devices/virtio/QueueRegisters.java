package org.maloca.devices.virtio;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * What the driver says of a queue before it enables it (virtio 1.2, section 4.1.4.3). Written by
 * transports under the device's lock.
 */
final class QueueRegisters {
  final int maxSize;
  int size;
  long descriptorsGpa;
  long driverGpa;
  long deviceGpa;
  int vector = VirtioTransport.NO_VECTOR;
  boolean isEnabled;

  QueueRegisters(int maxSize) {
    this.maxSize = maxSize;
    size = maxSize;
  }

  void reset() {
    size = maxSize;
    descriptorsGpa = 0;
    driverGpa = 0;
    deviceGpa = 0;
    vector = VirtioTransport.NO_VECTOR;
    isEnabled = false;
  }

  /** A 64-bit register after a write to its lower half. */
  static long low(long whole, int value) {
    return whole & ~0xffff_ffffL | value & 0xffff_ffffL;
  }

  /** The same for its upper half. */
  static long high(long whole, int value) {
    return whole & 0xffff_ffffL | (long) value << 32;
  }

  /** Whether the size is one that a ring can have. */
  boolean isSizeGood(boolean isPacked) {
    return size > 0 && size <= maxSize && (isPacked || Integer.bitCount(size) == 1);
  }

  void save(SnapshotWriter.Section section) {
    section.put(size);
    section.put(descriptorsGpa);
    section.put(driverGpa);
    section.put(deviceGpa);
    section.put(vector);
    section.put(isEnabled);
  }

  void restore(SnapshotReader.Section section) {
    size = section.getInt();
    descriptorsGpa = section.getLong();
    driverGpa = section.getLong();
    deviceGpa = section.getLong();
    vector = section.getInt();
    isEnabled = section.getBoolean();
  }
}
