package org.maloca.x86.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.interpret.Op;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.translate.Region;
import org.maloca.x86.translate.Ticket;

/** A run of guest instructions that is entered at its first one only, decoded for one mode. */
public final class Block extends BlockEntrance {
  private static final long[] NO_DISTANCES = {};

  /** A jump that goes to more places is left to look-ups. */
  private static final int MAX_DISTANCES = 48;

  /** Byte offset of the first instruction in its page. */
  public final int pageOffset;

  /** Page of RAM that the first byte lies in, -1 when it is not cached. */
  final long ramPage;

  /** Page of RAM that the last byte lies in when the block crosses into another page, or -1. */
  final long secondRamPage;

  /**
   * Times that it was executed while the vCPU was looked at for a moment, see {@link
   * CodeCache#nudge}: how often compiled code runs through it, too.
   */
  public int samples;

  /**
   * Floating-point instructions here often have results that are not what the host computes; set
   * once that was seen.
   */
  public boolean hasUnsafeFloats;

  /** Accesses in large regions that missed the TLB here. */
  public int misses;

  /** Large regions are to have the slow path of its accesses in them. */
  public boolean missesOften;

  /** Shared looks at the TLB, in regions, that did not do for all of their accesses here. */
  public int splits;

  /** Regions are to look at the TLB for each of its accesses. */
  public boolean splitsOften;

  /** Number of the entry of {@link #region} here. */
  public int regionEntry;

  /** Where this entry is from the region's base. */
  public int regionEntryOffset;

  /** What the instructions were decoded from, which may be in memory no more. */
  private final byte[] code;

  private final CpuFeatures features;

  /** The instructions, where somebody asked for them; few blocks get so far. */
  private Insn @Nullable [] insns;

  /** Regions that this block's code was compiled into. */
  private List<Region> containers = List.of();

  private @Nullable Ticket ticket;

  /** Where its computed jump went so far, as distances from its first byte. */
  private long[] indirectDistances = NO_DISTANCES;

  /** The next block that begins in the same 64 bytes of the page. */
  @Nullable Block nextInLine;

  /**
   * Makes it.
   *
   * @param code bytes that the instructions were decoded from
   * @param count number of instructions, of which only the ops are kept
   * @param ops what the interpreter executes, in the first {@code opCount} of them
   * @param second page of RAM that the last byte lies in when that is another than the first's
   */
  Block(
      byte[] code,
      CpuFeatures features,
      int count,
      Op[] ops,
      int opCount,
      boolean endsWithComputedJump,
      int mode,
      int pageOffset,
      long ramPage,
      long second) {
    super(ops, opCount, count, code.length, mode, endsWithComputedJump);
    this.code = code;
    this.features = features;
    this.pageOffset = pageOffset;
    this.ramPage = ramPage;
    this.secondRamPage = second;
  }

  /**
   * The instructions, the same objects each time. Most blocks are interpreted a few times and never
   * looked at otherwise, so they are decoded anew when first asked for. From any thread.
   */
  public synchronized Insn[] insns() {
    if (insns == null) {
      insns = KeptCode.decode(code, features, mode & 0xffff, count);
    }
    return insns;
  }

  /** Ends its validity; if it is being executed, it is left after the current instruction. */
  void invalidate() {
    valid = false;
    successor = null;
    leaveAtNext();
    for (Region container : List.copyOf(containers)) {
      container.drop();
    }
    containers = List.of();
  }

  /** Whether it is kept, and told of writes to its code. */
  public boolean isCached() {
    return ramPage >= 0;
  }

  /** Page of RAM that the first byte lies in, -1 when it is not cached. */
  public long ramPage() {
    return ramPage;
  }

  /** Page of RAM that the last byte lies in when that is another than the first's, or -1. */
  public long secondRamPage() {
    return secondRamPage;
  }

  /** Whether all of its bytes lie in RAM whose writes it is told of. */
  public boolean isWatched() {
    return isCached() && (pageOffset + length <= 0x1000 || secondRamPage >= 0);
  }

  /** Whether a compiled region holds its code. */
  boolean isCompiled() {
    return !containers.isEmpty();
  }

  void containedIn(Region container) {
    if (containers.isEmpty()) {
      containers = new ArrayList<>(1);
    }
    containers.add(container);
  }

  /** A region that had the block's code was dropped; it will have to get hot again. */
  public void noLongerIn(Region container) {
    if (!containers.isEmpty()) {
      containers.remove(container);
    }
    if (region == container) {
      region = null;
      executions = 0;
    }
  }

  /** Its code is being translated until the ticket is closed. */
  public void await(Ticket awaited) {
    ticket = awaited;
  }

  public boolean isAwaited() {
    return ticket != null && !ticket.isClosed();
  }

  /** Regions that the block's code was compiled into. */
  List<Region> containers() {
    return containers;
  }

  /** Notes where its computed jump went. */
  public void noteComputedJump(long distance) {
    long[] known = indirectDistances;
    for (long one : known) {
      if (one == distance) {
        return;
      }
    }
    if (known.length < MAX_DISTANCES) {
      indirectDistances = Arrays.copyOf(known, known.length + 1);
      indirectDistances[known.length] = distance;
    }
  }

  /** Where its computed jump went so far, as distances from its first byte. */
  public long[] indirectDistances() {
    return indirectDistances;
  }

  /** Whether it covers any of the bytes {@code from} to {@code to} (exclusive) of a page. */
  boolean overlaps(long page, int from, int to) {
    int start = page == ramPage ? pageOffset : pageOffset - 0x1000;
    return start < to && start + length > from;
  }
}
