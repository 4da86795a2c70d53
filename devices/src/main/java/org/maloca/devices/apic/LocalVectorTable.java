package org.maloca.devices.apic;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The six entries of a local vector table: timer, thermal, performance, LINT0, LINT1, error (Intel
 * SDM vol. 3, 12.5.1). Entries go by their register number. The owner's lock guards it.
 */
final class LocalVectorTable {
  static final int REMOTE_IRR = 1 << 14;
  static final int LEVEL_TRIGGERED = 1 << 15;
  static final int MASKED = 1 << 16;

  private static final int FIRST = ApicRegister.LVT_FIRST;
  private static final int TIMER_WRITABLE = 0x0007_00ff;
  private static final int SENSOR_WRITABLE = 0x0001_07ff;
  private static final int LINT_WRITABLE = 0x0001_a7ff;
  private static final int ERROR_WRITABLE = 0x0001_00ff;

  private final int[] entries = new int[ApicRegister.LVT_ENTRIES];

  static boolean holds(int register) {
    return register >= FIRST && register < FIRST + ApicRegister.LVT_ENTRIES;
  }

  /** The bits of an entry that software may set; x2APIC faults on others. */
  static int writable(int register) {
    return switch (register) {
      case ApicRegister.LVT_TIMER -> TIMER_WRITABLE;
      case ApicRegister.LVT_LINT0, ApicRegister.LVT_LINT1 -> LINT_WRITABLE;
      case ApicRegister.LVT_ERROR -> ERROR_WRITABLE;
      default -> SENSOR_WRITABLE;
    };
  }

  int get(int register) {
    return entries[register - FIRST];
  }

  boolean isMasked(int register) {
    return (get(register) & MASKED) != 0;
  }

  int deliveryMode(int register) {
    return get(register) >> 8 & 7;
  }

  /** Writes an entry; a level entry keeps its remote IRR. */
  void write(int register, int value) {
    int kept = (value & LEVEL_TRIGGERED) != 0 ? get(register) & REMOTE_IRR : 0;
    entries[register - FIRST] = value & writable(register) | kept;
  }

  void setRemoteIrr(int register, boolean isSet) {
    int entry = get(register);
    entries[register - FIRST] = isSet ? entry | REMOTE_IRR : entry & ~REMOTE_IRR;
  }

  void maskAll() {
    for (int i = 0; i < entries.length; i++) {
      entries[i] |= MASKED;
    }
  }

  void reset() {
    for (int i = 0; i < entries.length; i++) {
      entries[i] = MASKED;
    }
  }

  void save(SnapshotWriter.Section section) {
    for (int entry : entries) {
      section.put(entry);
    }
  }

  void restore(SnapshotReader.Section section) {
    for (int i = 0; i < entries.length; i++) {
      entries[i] = section.getInt() & (writable(FIRST + i) | REMOTE_IRR);
    }
  }
}
