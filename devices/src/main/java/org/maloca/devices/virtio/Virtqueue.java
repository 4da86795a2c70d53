package org.maloca.devices.virtio;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The device's end of a ring of requests in guest memory (virtio 1.2, section 2.6). Each field that
 * the driver wrote is read once. Not thread-safe.
 */
interface Virtqueue {
  /** Chains through tables of their own may be longer than the ring, up to this. */
  int MAX_INDIRECT_DESCRIPTORS = 1024;

  /** What {@link #pop} found. */
  enum Popped {
    /** Nothing. */
    EMPTY,
    CHAIN,
    /** Nonsense: the device needs a reset. */
    BROKEN
  }

  /** Takes the driver's next request. */
  Popped pop(DescriptorChain chain);

  /** Puts the request taken last back, to be taken again; several in the opposite order. */
  void unpop(DescriptorChain chain);

  /**
   * Gives a request back to the driver, with the number of bytes written for it. The driver sees it
   * after {@link #publish}.
   */
  void fill(DescriptorChain chain, int written);

  /** Shows the driver all that was given back, at once. */
  void publish();

  /** Whether the driver wants to hear of what was pushed since the last time of asking. */
  boolean needsInterrupt();

  /** Says whether the driver should tell of new requests. */
  void setNotified(boolean isWanted);

  /** Whether there is a request, without taking it. */
  boolean hasNext();

  void save(SnapshotWriter.Section section);

  void restore(SnapshotReader.Section section);
}
