package org.maloca.core.snapshot;

/** Gives back what {@link SnapshotWriter} took. */
public interface SnapshotReader {
  /**
   * Finds a section.
   *
   * @param newestVersion the newest layout that the caller knows
   * @throws SnapshotException when it is missing or newer than that
   */
  Section section(String name, int newestVersion);

  /** The values of one section, in order; reading past its end is a {@link SnapshotException}. */
  interface Section {
    int version();

    boolean getBoolean();

    int getInt();

    long getLong();

    /** At most {@code limit} bytes; more is a {@link SnapshotException}. */
    byte[] getBytes(int limit);

    /** At most {@code limit} values. */
    long[] getLongs(int limit);
  }
}
