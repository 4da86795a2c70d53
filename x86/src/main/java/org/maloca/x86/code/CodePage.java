package org.maloca.x86.code;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks that one vCPU has decoded of one page of RAM. */
final class CodePage {
  private static final int ROW_SHIFT = 6;
  private static final int ROW_MASK = 63;

  final long ramPage;

  /** Stores to the page that met no code since it was made. */
  int harmlessWrites;

  private final @Nullable Block[][] rows = new Block[64][];

  /** Blocks that begin in the page before and end in this one. */
  private final List<Block> incoming = new ArrayList<>();

  /** A bit for every byte that decoded code covers. */
  private final long[] covered = new long[64];

  private int blocks;

  CodePage(long ramPage) {
    this.ramPage = ramPage;
  }

  @Nullable Block find(int offset, int mode) {
    @Nullable Block[] row = rows[offset >>> ROW_SHIFT];
    if (row == null) {
      return null;
    }
    Block block = row[offset & ROW_MASK];
    while (block != null && (block.mode != mode || !block.valid)) {
      block = block.sameOffset;
    }
    return block;
  }

  void add(Block block) {
    int offset = block.pageOffset;
    @Nullable Block[] row = rows[offset >>> ROW_SHIFT];
    if (row == null) {
      row = new Block[64];
      rows[offset >>> ROW_SHIFT] = row;
    }
    block.sameOffset = withoutInvalid(row[offset & ROW_MASK]);
    row[offset & ROW_MASK] = block;
    blocks++;
    cover(block);
  }

  /** A write to the page after this one ends blocks that this page does not hear of. */
  private @Nullable Block withoutInvalid(@Nullable Block chain) {
    Block kept = null;
    Block next;
    for (Block block = chain; block != null; block = next) {
      next = block.sameOffset;
      if (block.valid) {
        block.sameOffset = kept;
        kept = block;
      } else {
        blocks--;
      }
    }
    return kept;
  }

  void addIncoming(Block block) {
    incoming.removeIf(known -> !known.valid);
    incoming.add(block);
    cover(block);
  }

  private void cover(Block block) {
    int start = block.ramPage == ramPage ? block.pageOffset : block.pageOffset - 0x1000;
    int from = Math.max(start, 0);
    int to = Math.min(start + block.length, 0x1000);
    for (int at = from; at < to; at++) {
      covered[at >>> 6] |= 1L << at;
    }
  }

  boolean isEmpty() {
    return blocks == 0 && incoming.isEmpty();
  }

  int blockCount() {
    return blocks;
  }

  /** Whether decoded code covers any of the bytes {@code from} to {@code to} (exclusive). */
  boolean covers(int from, int to) {
    for (int at = from; at < to; at++) {
      if ((covered[at >>> 6] >>> at & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Invalidates and forgets the blocks that cover any of those bytes. */
  void invalidate(int from, int to) {
    java.util.Arrays.fill(covered, 0);
    for (int r = 0; r < rows.length; r++) {
      @Nullable Block[] row = rows[r];
      if (row != null) {
        for (int i = 0; i < row.length; i++) {
          row[i] = keepUntouched(row[i], from, to);
        }
      }
    }
    incoming.removeIf(block -> {
      boolean hit = block.overlaps(ramPage, from, to);
      if (hit) {
        block.invalidate();
      }
      return hit || !block.valid;
    });
    incoming.forEach(this::cover);
  }

  private @Nullable Block keepUntouched(@Nullable Block chain, int from, int to) {
    Block kept = null;
    Block next;
    for (Block block = chain; block != null; block = next) {
      next = block.sameOffset;
      if (!block.valid || block.overlaps(ramPage, from, to)) {
        block.invalidate();
        blocks--;
      } else {
        block.sameOffset = kept;
        kept = block;
        cover(block);
      }
    }
    return kept;
  }
}
