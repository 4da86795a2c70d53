package org.maloca.devices.pci;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.irq.MsiSink;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * MSI-X: a table of messages in a BAR, and the capability that points to it (PCI Local Bus
 * Specification 3.0, section 6.8.2). The table is at the BAR's start, the pending bits are at
 * {@link #PBA_OFFSET}. Safe for any thread.
 */
public final class MsixTable implements IoHandler {
  public static final int CAPABILITY_ID = 0x11;

  /** Size of the BAR in bytes. */
  public static final int BAR_BYTES = 0x1000;

  private static final int PBA_OFFSET = 0x800;
  private static final int ENTRY_BYTES = 16;
  private static final int MAX_VECTORS = PBA_OFFSET / ENTRY_BYTES;
  private static final int CONTROL_ENABLE = 0x8000;
  private static final int CONTROL_MASK = 0x4000;
  private static final int VECTOR_MASKED = 1;

  private final MsiSink sink;
  private final int[] entries;
  private final long[] pending = new long[MAX_VECTORS / 64];
  private final int vectors;
  private boolean isEnabled;
  private boolean isMasked;

  public MsixTable(int vectors, MsiSink sink) {
    if (vectors < 1 || vectors > MAX_VECTORS) {
      throw new IllegalArgumentException(vectors + " MSI-X vectors");
    }
    this.vectors = vectors;
    this.sink = sink;
    entries = new int[4 * vectors];
    reset();
  }

  /** Adds the capability and the BAR to a function; answers the capability's offset. */
  int addTo(PciFunction function, int barIndex) {
    function.addBar(new PciBar(barIndex, PciBar.Kind.MEMORY_32, BAR_BYTES, this));
    byte[] body = new byte[10];
    byte[] writable = new byte[10];
    int control = vectors - 1;
    body[0] = (byte) control;
    body[1] = (byte) (control >> 8);
    writable[1] = (byte) (CONTROL_ENABLE + CONTROL_MASK >> 8);
    body[2] = (byte) barIndex;
    body[6] = (byte) (PBA_OFFSET | barIndex);
    body[7] = (byte) (PBA_OFFSET >> 8);
    return function.addCapability(CAPABILITY_ID, body, writable);
  }

  public int vectors() {
    return vectors;
  }

  /** Whether messages take the place of the interrupt pin. */
  public synchronized boolean isEnabled() {
    return isEnabled;
  }

  /** The guest wrote the capability's message control. */
  synchronized void writeControl(int control) {
    isEnabled = (control & CONTROL_ENABLE) != 0;
    isMasked = (control & CONTROL_MASK) != 0;
    sendPending();
  }

  /** Sends a vector's message, or remembers it while it is masked; none for a vector of nobody. */
  public synchronized void send(int vector) {
    if (vector >= 0 && vector < vectors && isEnabled) {
      pending[vector >> 6] |= 1L << vector;
      deliver(vector);
    }
  }

  private void deliver(int vector) {
    boolean isWaiting = (pending[vector >> 6] >>> vector & 1) != 0;
    if (isWaiting && isEnabled && !isMasked && (entries[4 * vector + 3] & VECTOR_MASKED) == 0) {
      pending[vector >> 6] &= ~(1L << vector);
      long address = entries[4 * vector] & 0xffff_ffffL | (long) entries[4 * vector + 1] << 32;
      sink.send(address, entries[4 * vector + 2]);
    }
  }

  private void sendPending() {
    for (int vector = 0; vector < vectors; vector++) {
      deliver(vector);
    }
  }

  @Override
  public synchronized long read(int offset, int size) {
    return size == 8
        ? word(offset & ~7) & 0xffff_ffffL | (long) word((offset & ~7) + 4) << 32
        : word(offset & ~3) >>> 8 * (offset & 3) & 0xffff_ffffL;
  }

  private int word(int offset) {
    if (offset >= PBA_OFFSET) {
      int at = offset - PBA_OFFSET;
      return at < MAX_VECTORS / 8 ? (int) (pending[at >> 3] >>> 8 * (at & 4)) : 0;
    }
    return offset >> 2 < entries.length ? entries[offset >> 2] : 0;
  }

  @Override
  public synchronized void write(int offset, int size, long value) {
    if (size == 8) {
      set(offset & ~7, (int) value);
      set((offset & ~7) + 4, (int) (value >>> 32));
    } else if (size == 4) {
      set(offset & ~3, (int) value);
    }
    // Narrower writes are undefined by the specification; they do nothing.
  }

  private void set(int offset, int value) {
    int index = offset >> 2;
    if (index < entries.length && offset < PBA_OFFSET) {
      entries[index] = value;
      deliver(index >> 2);
    }
  }

  /** Power-on state: all masked, nothing pending. */
  synchronized void reset() {
    java.util.Arrays.fill(entries, 0);
    for (int vector = 0; vector < vectors; vector++) {
      entries[4 * vector + 3] = VECTOR_MASKED;
    }
    java.util.Arrays.fill(pending, 0);
    isEnabled = false;
    isMasked = false;
  }

  synchronized void save(SnapshotWriter.Section section) {
    long[] words = new long[entries.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = entries[i];
    }
    section.put(words);
    section.put(pending);
  }

  synchronized void restore(SnapshotReader.Section section) {
    long[] words = section.getLongs(entries.length);
    for (int i = 0; i < words.length; i++) {
      entries[i] = (int) words[i];
    }
    long[] bits = section.getLongs(pending.length);
    System.arraycopy(bits, 0, pending, 0, bits.length);
  }
}
