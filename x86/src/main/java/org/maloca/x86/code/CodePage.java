package org.maloca.x86.code;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.mmu.FetchStamps;

/**
 * The blocks that one vCPU has decoded of one page of RAM, in a chain for each 64 bytes that they
 * begin in, with a bit for every byte that they cover. What a store costs depends on the blocks
 * near it, not on those of the page.
 */
final class CodePage {
  private static final int PAGE = 0x1000;
  private static final int LINE_SHIFT = 6;

  final long ramPage;

  /** Where the page was found in the guest-physical address space. */
  final long gpa;

  /** Stores to the page that met no code since it was made. */
  int harmlessWrites;

  private final @Nullable Block[] lines = new Block[PAGE >> LINE_SHIFT];

  /** Blocks that begin in the page before and end in this one. */
  private final List<Block> incoming = new ArrayList<>(0);

  private final long[] covered = new long[PAGE / Long.SIZE];

  /** By line, how often code in it was overwritten; null until it happens. */
  private byte @Nullable [] rewrites;

  private int blocks;

  /** Bytes of the longest block that there ever was. */
  private int longest;

  /** What {@link #invalidate} has to cover anew. */
  private int uncoveredFrom;

  private int uncoveredTo;

  CodePage(long ramPage, long gpa) {
    this.ramPage = ramPage;
    this.gpa = gpa;
  }

  @Nullable Block find(int offset, int mode) {
    Block block = lines[offset >>> LINE_SHIFT];
    while (block != null && (block.pageOffset != offset || block.mode != mode || !block.valid)) {
      block = block.nextInLine;
    }
    return block;
  }

  void add(Block block) {
    int line = block.pageOffset >>> LINE_SHIFT;
    // A write to the page after this one ends blocks that this page does not hear of.
    prune(line, 0, 0);
    block.nextInLine = lines[line];
    lines[line] = block;
    blocks++;
    longest = Math.max(longest, block.length);
    cover(block, 0, PAGE);
  }

  /** No block is found by linear address any more. */
  void forgetTags() {
    for (Block line : lines) {
      for (Block block = line; block != null; block = block.nextInLine) {
        block.tag = FetchStamps.NO_TAG;
      }
    }
  }

  void addIncoming(Block block) {
    incoming.removeIf(known -> !known.valid);
    incoming.add(block);
    cover(block, 0, PAGE);
  }

  private int start(Block block) {
    return block.ramPage == ramPage ? block.pageOffset : block.pageOffset - PAGE;
  }

  /** Covers those bytes of a block that lie between two offsets. */
  private void cover(Block block, int low, int high) {
    int start = start(block);
    int from = Math.max(start, low);
    int to = Math.min(start + block.length, high);
    for (int at = from; at < to; at = (at | 63) + 1) {
      covered[at >>> 6] |= bits(at, to);
    }
  }

  /** Bits of one word from an offset on, up to another or the word's end. */
  private static long bits(int from, int to) {
    int end = Math.min(to, (from | 63) + 1);
    return -1L >>> 64 - (end - from) << from;
  }

  boolean isEmpty() {
    return blocks == 0 && incoming.isEmpty();
  }

  int blockCount() {
    return blocks;
  }

  /** Whether decoded code covers any of the bytes {@code from} to {@code to} (exclusive). */
  boolean covers(int from, int to) {
    for (int at = from; at < to; at = (at | 63) + 1) {
      if ((covered[at >>> 6] & bits(at, to)) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether code that a compiled region holds covers any of the bytes. */
  boolean coversCompiled(int from, int to) {
    if (!covers(from, to)) {
      return false;
    }
    for (int line = firstLine(from); line <= to - 1 >>> LINE_SHIFT; line++) {
      for (Block block = lines[line]; block != null; block = block.nextInLine) {
        if (block.valid && block.isCompiled() && block.overlaps(ramPage, from, to)) {
          return true;
        }
      }
    }
    for (Block block : incoming) {
      if (block.valid && block.isCompiled() && block.overlaps(ramPage, from, to)) {
        return true;
      }
    }
    return false;
  }

  /** Where blocks may begin that reach an offset. */
  private int firstLine(int offset) {
    return Math.max(0, offset - longest) >>> LINE_SHIFT;
  }

  /** How often code was overwritten where a block has its bytes, as far as is counted. */
  int rewrites(Block block) {
    if (rewrites == null) {
      return 0;
    }
    int start = start(block);
    int most = 0;
    int last = Math.min(start + block.length, PAGE) - 1 >>> LINE_SHIFT;
    for (int line = Math.max(start, 0) >>> LINE_SHIFT; line <= last; line++) {
      most = Math.max(most, rewrites[line]);
    }
    return most;
  }

  /** Code that lies between two offsets was overwritten; its blocks are gone. */
  void rewrite(int from, int to) {
    invalidate(from, to);
    if (rewrites == null) {
      rewrites = new byte[lines.length];
    }
    for (int line = from >>> LINE_SHIFT; line <= to - 1 >>> LINE_SHIFT; line++) {
      rewrites[line] = (byte) Math.min(rewrites[line] + 1, Byte.MAX_VALUE);
    }
  }

  /** Invalidates and forgets the blocks that cover any of those bytes. */
  void invalidate(int from, int to) {
    uncoveredFrom = from;
    uncoveredTo = to;
    for (int line = firstLine(from); line <= to - 1 >>> LINE_SHIFT; line++) {
      prune(line, from, to);
    }
    if (!incoming.isEmpty()) {
      incoming.removeIf(block -> isGone(block, from, to));
    }
    coverAnew(uncoveredFrom, uncoveredTo);
  }

  /** Forgets blocks that no region holds and that were executed less often than that. */
  void dropColderThan(int executions) {
    uncoveredFrom = PAGE;
    uncoveredTo = 0;
    for (Block line : lines) {
      for (Block block = line; block != null; block = block.nextInLine) {
        if (block.valid && !block.isCompiled() && block.executions < executions) {
          block.invalidate();
        }
      }
    }
    // A range that no block overlaps: only what is invalid already goes.
    for (int line = 0; line < lines.length; line++) {
      prune(line, PAGE, 0);
    }
    incoming.removeIf(block -> isGone(block, PAGE, 0));
    if (uncoveredFrom < uncoveredTo) {
      coverAnew(uncoveredFrom, uncoveredTo);
    }
  }

  /** Takes blocks out of a line's chain: those that are invalid, or become so. */
  private void prune(int line, int from, int to) {
    Block kept = null;
    Block next;
    for (Block block = lines[line]; block != null; block = next) {
      next = block.nextInLine;
      if (isGone(block, from, to)) {
        blocks--;
      } else {
        block.nextInLine = kept;
        kept = block;
      }
    }
    lines[line] = kept;
  }

  private boolean isGone(Block block, int from, int to) {
    if (block.valid && !block.overlaps(ramPage, from, to)) {
      return false;
    }
    block.invalidate();
    int start = start(block);
    uncoveredFrom = Math.min(uncoveredFrom, Math.max(start, 0));
    uncoveredTo = Math.max(uncoveredTo, Math.min(start + block.length, PAGE));
    return true;
  }

  /** Some blocks in a range are gone: what others cover there stays. */
  private void coverAnew(int from, int to) {
    for (int at = from; at < to; at = (at | 63) + 1) {
      covered[at >>> 6] &= ~bits(at, to);
    }
    for (int line = firstLine(from); line <= to - 1 >>> LINE_SHIFT; line++) {
      for (Block block = lines[line]; block != null; block = block.nextInLine) {
        if (block.valid) {
          cover(block, from, to);
        }
      }
    }
    for (Block block : incoming) {
      if (block.valid) {
        cover(block, from, to);
      }
    }
  }
}
