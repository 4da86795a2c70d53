package org.maloca.core.snapshot;

/** Takes the state of a machine as named, versioned sections of primitive values. */
public interface SnapshotWriter {
  /**
   * Opens a section; the one before is complete.
   *
   * @param name unique in the snapshot
   * @param version of this section's layout, from 1
   */
  Section section(String name, int version);

  /** The values of one section, in order. */
  interface Section {
    Section put(boolean value);

    Section put(int value);

    Section put(long value);

    /** Length, then the bytes. */
    Section put(byte[] value);

    /** Length, then the values. */
    Section put(long[] value);
  }
}
