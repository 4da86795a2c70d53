package org.maloca.x86.translate;

import java.util.Arrays;
import org.maloca.x86.Cpu;
import org.maloca.x86.code.Block;

/**
 * Where the code of a region lies: its blocks, entries and pages. All offsets are from the region's
 * base, the RIP of the first byte of the page that holds the first block.
 */
@SuppressWarnings("ArrayRecordComponent")
public record RegionLayout(
    Block[] blocks,
    Block[] entries,
    int[] entryOffsets,
    int[] pageDistances,
    long[] ramPages,
    int[] faultOffsets,
    int[] insnsNotReached,
    int insnCount,
    int codeBytes) {

  /** Offset of an entry's first instruction. */
  public int entryOffset(int entry) {
    return entryOffsets[entry];
  }

  /** Whether every page is mapped for execution as it was when the region was made. */
  boolean isMapped(Cpu cpu, long base) {
    for (int i = 0; i < pageDistances.length; i++) {
      long page = base + ((long) pageDistances[i] << 12);
      if (cpu.code.ramPageOfCode(page) != ramPages[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether an instruction begins at an offset. */
  boolean holds(int offset) {
    return Arrays.binarySearch(faultOffsets, offset) >= 0;
  }

  /** How many instructions of its block follow the one at an offset, itself included. */
  public int insnsNotReached(int offset) {
    int i = Arrays.binarySearch(faultOffsets, offset);
    return i < 0 ? 0 : insnsNotReached[i];
  }
}
