package org.maloca.fuzz;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Prepares the data window of an executor for each case and reports what the case changed in it, as
 * {@code report_memory} of the silicon runner does. For one thread.
 */
public final class DataWindow {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final MemorySegment window;
  private final MemorySegment expected;

  /**
   * @param window the executor's own two pages (guest RAM behind {@link CaseSpace#WINDOW_GVA})
   */
  public DataWindow(MemorySegment window) {
    this.window = window.asSlice(0, CaseSpace.WINDOW_BYTES);
    expected = Arena.ofAuto().allocate(CaseSpace.WINDOW_BYTES, 64);
  }

  /** Starts a batch: fills the window with the batch's template. */
  public void load(CaseBatch batch) {
    window.copyFrom(batch.windowTemplate());
    expected.copyFrom(batch.windowTemplate());
  }

  /** Gives the window the contents that a case starts with. */
  public void begin(CaseBatch batch, int index) {
    batch.copyPatch(index, window);
    batch.copyPatch(index, expected);
  }

  /** Writes the changes into the case's result and takes them back. */
  public void finish(CaseBatch batch, int index) {
    long low = window.mismatch(expected);
    if (low < 0) {
      batch.memory(index, 0, 0, 0);
    } else {
      long high = lastMismatch() + 1;
      int length = (int) (high - low);
      int capacity = batch.kind().memoryCapacity();
      batch.memoryBytes(index).copyFrom(window.asSlice(low, Math.min(length, capacity)));
      batch.memory(index, (int) low, length, length > capacity ? hash(low, high) : 0);
      window.asSlice(low, length).copyFrom(batch.windowTemplate().asSlice(low, length));
    }
    int patch = batch.patchOffset(index);
    int patchLength = batch.patchLength(index);
    var original = batch.windowTemplate().asSlice(patch, patchLength);
    window.asSlice(patch, patchLength).copyFrom(original);
    expected.asSlice(patch, patchLength).copyFrom(original);
  }

  private long lastMismatch() {
    long at = CaseSpace.WINDOW_BYTES;
    while (window.get(JAVA_LONG_UNALIGNED, at - 8) == expected.get(JAVA_LONG_UNALIGNED, at - 8)) {
      at -= 8;
    }
    while (window.get(JAVA_BYTE, at - 1) == expected.get(JAVA_BYTE, at - 1)) {
      at--;
    }
    return at - 1;
  }

  private long hash(long low, long high) {
    long hash = FNV_OFFSET;
    for (long at = low; at < high; at++) {
      hash = (hash ^ (window.get(JAVA_BYTE, at) & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
