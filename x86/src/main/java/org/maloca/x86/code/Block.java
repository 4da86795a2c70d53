package org.maloca.x86.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.interpret.Op;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.translate.Region;

/** A run of guest instructions that is entered at its first one only, decoded for one mode. */
public final class Block {
  public final Insn[] insns;

  /** What the interpreter executes for each instruction. */
  public final Op[] ops;

  /** {@link org.maloca.x86.ir.CodeMode} it was decoded for. */
  public final int mode;

  /** Byte offset of the first instruction in its page. */
  public final int pageOffset;

  /** Bytes of code. */
  public final int length;

  /** Page of RAM that the first byte lies in, -1 when it is not cached. */
  final long ramPage;

  /** Page of RAM that the last byte lies in when the block crosses into another page, or -1. */
  final long secondRamPage;

  /** False once its code was overwritten. */
  public boolean valid = true;

  /** Times that the interpreter executed it. */
  public int executions;

  /** The compiled region that can be entered here, or null. */
  public @Nullable Region region;

  /** Number of this entry of {@link #region}. */
  public int regionEntry;

  /** Regions that this block's code was compiled into. */
  private final List<CodeCache.NewRegion> containers = new ArrayList<>(0);

  /** The next block at the same offset, for another mode. */
  @Nullable Block sameOffset;

  Block(Insn[] insns, Op[] ops, int mode, int pageOffset, int length, long ramPage, long second) {
    this.insns = insns;
    this.ops = ops;
    this.mode = mode;
    this.pageOffset = pageOffset;
    this.length = length;
    this.ramPage = ramPage;
    this.secondRamPage = second;
  }

  /** Ends its validity; if it is being executed, it is left after the current instruction. */
  void invalidate() {
    valid = false;
    Arrays.fill(ops, 0, insns.length, Op.LEAVE_BLOCK);
    containers.forEach(CodeCache.NewRegion::invalidate);
    containers.clear();
  }

  /** Whether it is kept, and told of writes to its code. */
  public boolean isCached() {
    return ramPage >= 0;
  }

  void containedIn(CodeCache.NewRegion container) {
    containers.add(container);
  }

  /** Whether it covers any of the bytes {@code from} to {@code to} (exclusive) of a page. */
  boolean overlaps(long page, int from, int to) {
    int start = page == ramPage ? pageOffset : pageOffset - 0x1000;
    return start < to && start + length > from;
  }
}
