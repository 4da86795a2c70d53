package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Operation;

/**
 * Which blocks make up a region: those that jumps, calls and returns reach from a hot block, the
 * hottest ways first, over a few pages. Found out on the vCPU's thread, where blocks and mappings
 * hold still.
 */
final class RegionShape {
  /** How a region grows. */
  enum Kind {
    /**
     * Small, for the quick compiler, and made of code that no region begins with yet: whatever got
     * warm is to be compiled once, and soon.
     */
    QUICK(64, 8, false),
    /**
     * Large, for the optimizing compiler: loops with all that they call. HotSpot compiles no method
     * of more than 8000 bytes; this stays below for common code.
     */
    BEST(180, 32, true);

    /** For people. */
    String label() {
      return this == BEST ? "best" : "quick";
    }

    final int maxInsns;

    /** A way taken more seldom than one in so many executions of the start stays out. */
    final int cold;

    final boolean overlaps;

    Kind(int maxInsns, int cold, boolean overlaps) {
      this.maxInsns = maxInsns;
      this.cold = cold;
      this.overlaps = overlaps;
    }
  }

  /** Each entry to a region looks whether all of its pages are mapped as they were. */
  private static final int MAX_PAGES = 6;

  /** Fewer say nothing of the start's share. */
  private static final int ENOUGH_SAMPLES = 16;

  /** {@link Kind#cold} among samples. */
  private static final int COLD_SAMPLED = 16;

  /** Beyond that distance offsets would not be ints, nor jumps there short. */
  private static final long MAX_DISTANCE = 1L << 28;

  private final Map<Integer, RegionBlock> byOffset = new LinkedHashMap<>();
  private final Map<Integer, Long> ramPages = new HashMap<>();
  private final long base;
  private final Kind kind;
  private int insnCount;

  /** Blocks are weighed by samples, else by how often they were interpreted. */
  private boolean sampled;

  private record Candidate(long offset, int weight) {}

  private RegionShape(long base, Kind kind) {
    this.base = base;
    this.kind = kind;
  }

  /**
   * Gathers a region.
   *
   * @param startGva linear address of {@code start}
   */
  static RegionShape around(Block start, long startGva, BlockFinder finder, Kind kind) {
    RegionShape shape = new RegionShape(startGva - start.pageOffset, kind);
    shape.sampled = kind == Kind.BEST && start.samples >= ENOUGH_SAMPLES;
    int least =
        shape.sampled ? Math.max(1, start.samples / COLD_SAMPLED) : start.executions / kind.cold;
    PriorityQueue<Candidate> pending =
        new PriorityQueue<>(Comparator.comparingInt(Candidate::weight).reversed());
    shape.add(new RegionBlock(start, start.pageOffset), pending);
    while (!pending.isEmpty()) {
      Candidate candidate = pending.remove();
      if (shape.byOffset.containsKey((int) candidate.offset()) || candidate.weight() < least) {
        continue;
      }
      Block block = finder.executedBlock(shape.base + candidate.offset(), start.mode);
      if (block != null
          && isUsable(block, start)
          && (kind.overlaps || block.region == null && !block.isAwaited())
          && shape.frequency(block) >= least
          && shape.insnCount + block.count <= kind.maxInsns
          && shape.admits((int) candidate.offset(), block)) {
        shape.add(new RegionBlock(block, (int) candidate.offset()), pending);
      }
    }
    return shape;
  }

  private static boolean isUsable(Block block, Block start) {
    return block.valid && block.isWatched() && block.mode == start.mode && block.length > 0;
  }

  private boolean admits(int offset, Block block) {
    int page = offset >> 12;
    boolean crosses = block.secondRamPage() >= 0;
    int more = ramPages.containsKey(page) ? 0 : 1;
    more += !crosses || ramPages.containsKey(page + 1) ? 0 : 1;
    return ramPages.size() + more <= MAX_PAGES
        && agreesWithAll(offset, block)
        && ramPages.getOrDefault(page, block.ramPage()) == block.ramPage()
        && (!crosses
            || ramPages.getOrDefault(page + 1, block.secondRamPage()) == block.secondRamPage());
  }

  private boolean agreesWithAll(int offset, Block block) {
    for (RegionBlock known : byOffset.values()) {
      if (!agree(known, offset, block)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether no instruction is in both blocks, or both end with the same one. Long code is cut into
   * blocks at a number of instructions; where two are cut differently, an instruction that faults
   * would not tell how many of its block were not reached.
   */
  private static boolean agree(RegionBlock known, int offset, Block block) {
    int end = offset + block.length;
    return known.next() == end || end <= known.offset() || known.next() <= offset;
  }

  private void add(RegionBlock added, PriorityQueue<Candidate> pending) {
    Block block = added.block();
    byOffset.put(added.offset(), added);
    ramPages.put(added.offset() >> 12, block.ramPage());
    if (block.secondRamPage() >= 0) {
      ramPages.put((added.offset() >> 12) + 1, block.secondRamPage());
    }
    insnCount += block.count;
    int weight = Math.max(frequency(block), 1);
    for (long way : added.ways()) {
      offer(pending, way, weight);
    }
  }

  /** A way is as hot as the colder of its ends: whoever weighs the candidate sees the other end. */
  private void offer(PriorityQueue<Candidate> pending, long offset, int weight) {
    if (offset > -MAX_DISTANCE && offset < MAX_DISTANCE) {
      pending.add(new Candidate(offset, weight));
    }
  }

  private int frequency(Block block) {
    return sampled ? block.samples : block.executions;
  }

  /**
   * The beginning of a function that calls itself, where the region was gathered from its midst;
   * null where it was not. Gathered from there it is better: nothing else is an entry then, and
   * what jumps back are the function's own loops.
   */
  @Nullable RegionBlock recursiveFunction() {
    RegionBlock start = byOffset.values().iterator().next();
    for (RegionBlock caller : byOffset.values()) {
      RegionBlock callee = caller.last().operation == Operation.CALL ? at(caller.target()) : null;
      if (callee != null
          && !callee.equals(start)
          && function(callee).containsAll(List.of(caller, start))) {
        return callee;
      }
    }
    return null;
  }

  private @Nullable RegionBlock at(long offset) {
    return offset == (int) offset ? byOffset.get((int) offset) : null;
  }

  /** What a function goes on to from its beginning before it returns, with all that it calls. */
  private List<RegionBlock> function(RegionBlock beginning) {
    return new BlockOrder(beginning, this::beforeReturn).order();
  }

  /** The blocks here that one may go on to in the same call or a deeper one. */
  private List<RegionBlock> beforeReturn(RegionBlock block) {
    if (block.last().operation == Operation.RET) {
      return List.of();
    }
    List<RegionBlock> next = new ArrayList<>();
    for (long way : block.ways()) {
      RegionBlock here = at(way);
      if (here != null) {
        next.add(here);
      }
    }
    return next;
  }

  /** The blocks, the hot start first. */
  List<RegionBlock> blocks() {
    return new ArrayList<>(byOffset.values());
  }

  /** RIP of the first byte of the page that the first block lies in, when it was gathered. */
  long base() {
    return base;
  }

  Kind kind() {
    return kind;
  }
}
