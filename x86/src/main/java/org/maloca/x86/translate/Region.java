package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.code.Block;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.simd.Mxcsr;
import org.maloca.x86.statistics.RegionExit;

/**
 * A compiled region of guest code: several blocks with the jumps between them, as one JVM method.
 * Instances are of hidden classes that {@link RegionCompiler} makes, and belong to one vCPU.
 */
public abstract class Region extends RegionEntrance {
  private static final int MANY_UNSAFE_FLOATS = 200;

  /** Rarer ones cost less than what is spared. */
  private static final long INSNS_PER_UNSAFE_FLOAT = 1000;

  /** Way out: to a computed place. */
  static final int COMPUTED = -1;

  /** Way out: a function returned. */
  static final int RETURNED = -2;

  /**
   * Way out: an access missed the TLB, or a division is not one that the host does alike; the loop
   * is to execute the instruction.
   */
  static final int MISSED = -3;

  /**
   * Way out: accesses that share a look at the TLB are not in one page, or that misses; likewise.
   */
  static final int SPLIT = -4;

  /** Way out: for the handler of this number less the way's. */
  static final int HANDLER = -5;

  /** Regions that call each other before the loop has to take over: frames on the JVM's stack. */
  private static final int MAX_CALLS = 30;

  /** In place of the offset that a call is returned to: the way out is none. */
  static final int NO_CALL = Integer.MIN_VALUE;

  /** Fewer may be the first touches of pages. */
  private static final int MANY_MISSES = 300;

  /** Rarer misses cost less than what is spared. */
  private static final long INSNS_PER_MISS = 1500;

  /** A block with so small a part of a region's misses can go on without its slow path. */
  private static final int FEW_MISSES_DIVISOR = 32;

  /** The same for looks at the TLB that are shared: to have them apart costs little. */
  private static final int MANY_SPLITS = 30;

  private static final long INSNS_PER_SPLIT = 10_000;

  /** Of small regions, which take longer for an instruction. */
  private static final long SLOW_INSNS_PER_SPLIT = 500;

  /** The instructions that are left to their handlers, by number in the region. */
  private final LeftInsn[] left;

  private final InsnHandler[] handlers;

  /** For each link the offset that its call is returned to, or {@link #NO_CALL}. */
  private final int[] returnOffsets;

  private final RegionLayout layout;
  private final RegionShape.Kind kind;

  /** For each link that leads here, the region that it leads from. */
  private final List<Region> incoming = new ArrayList<>(2);

  /** What it is called by in statistics: unique in its translator. */
  int number;

  /** Linear address of its first block when it was made. */
  long rip;

  /** Where it is booked while it is in use. */
  @Nullable RegionLedger ledger;

  private final BetterCode better;

  /** Instructions left to the interpreter because the host's floating point would not do. */
  private int unsafeFloats;

  /** Accesses that missed the TLB and were left to the loop. */
  private int misses;

  /** Shared looks at the TLB that did not do. */
  private int splits;

  protected Region(RegionParts parts) {
    super(parts.returnOffsets().length);
    left = parts.left();
    handlers = parts.handlers();
    layout = parts.layout();
    kind = parts.kind();
    better = parts.better();
    returnOffsets = parts.returnOffsets();
  }

  /**
   * Runs guest code from {@link Cpu#rip} until it leaves the region or an event is pending; {@link
   * Cpu#rip} then says where to go on.
   *
   * @param entry number of the block to begin with
   * @return the region to run next, from the entry in {@link Cpu#nextEntry}; null when the loop is
   *     to look for itself
   * @throws GuestFault with all state written back; RIP and the number of instructions are exact
   *     after {@link #settle}
   */
  abstract @Nullable Region run(Cpu cpu, int entry);

  /**
   * {@link #run} for who has no region's frame above: this one and those that it leads to may call
   * each other for a while.
   */
  public final @Nullable Region begin(Cpu cpu, int entry) {
    cpu.callsLeft = MAX_CALLS;
    return run(cpu, entry);
  }

  /** The same for who looks at the state that each region leaves: it calls no other. */
  public final @Nullable Region runAlone(Cpu cpu, int entry) {
    cpu.callsLeft = 0;
    return run(cpu, entry);
  }

  /**
   * Makes state exact after {@link #begin} was left by a fault, whichever of the regions that
   * called each other it was in: a small one only notes where it is, at {@link Cpu#faultOffset}.
   */
  public static void settle(Cpu cpu) {
    Region running = cpu.running;
    if (running != null) {
      running.settleHere(cpu);
    }
  }

  private void settleHere(Cpu cpu) {
    settleCount(cpu);
    int offset = cpu.faultOffset;
    if (offset == Cpu.EXACT) {
      return;
    }
    cpu.faultOffset = Cpu.EXACT;
    cpu.rip = cpu.is64() ? mappedBase + offset : mappedBase + offset & 0xffff_ffffL;
    // The whole block was counted when it was begun.
    cpu.instructions -= layout.insnsNotReached(offset);
  }

  /** Takes over what a small region has counted; a large one did that itself. */
  private void settleCount(Cpu cpu) {
    int counted = cpu.regionInstructions;
    if (counted != 0) {
      cpu.regionInstructions = 0;
      cpu.instructions += Integer.toUnsignedLong(counted);
      heat += Integer.toUnsignedLong(counted);
    }
  }

  /**
   * Whether all of its pages are mapped as they were when it was made, seen from RIP. It may be
   * {@link #run} then.
   *
   * @param entryOffset where RIP is from the region's base: known to whoever leads here, since to
   *     look for it in the layout would be two misses of the host's cache more
   */
  public final boolean isMappedAt(Cpu cpu, long entryOffset) {
    return isKnownToBeMappedAt(cpu, entryOffset)
        || valid && checkMapping(cpu, cpu.rip - entryOffset);
  }

  /** The same where that needs no look at the mappings. */
  final boolean isKnownToBeMappedAt(Cpu cpu, long entryOffset) {
    return valid
        && !betterWanted
        && mappedGeneration == cpu.fetchStamps.generation(cpu.rip)
        && mappedBase == cpu.rip - entryOffset;
  }

  private boolean checkMapping(Cpu cpu, long base) {
    if (betterWanted) {
      // Now, while its code and what it leads to are mapped.
      betterWanted = false;
      better.request(this, base, cpu.code);
    }
    if (!layout.isMapped(cpu, base)) {
      return false;
    }
    mappedGeneration = cpu.fetchStamps.generation(cpu.rip);
    mappedBase = base;
    return true;
  }

  /** Ends its use; on its vCPU's thread. */
  public final void drop() {
    valid = false;
    if (ledger != null) {
      ledger.dropped(this);
    }
    for (Region source : incoming) {
      source.forgetTarget(this);
    }
    incoming.clear();
    for (int link = 0; link < targets.length; link++) {
      cut(link);
    }
    for (Block block : layout.blocks()) {
      block.noLongerIn(this);
    }
  }

  final RegionShape.Kind kind() {
    return kind;
  }

  /** Whether it is a large one, for the optimizing compiler. */
  public final boolean isBest() {
    return kind == RegionShape.Kind.BEST;
  }

  /** Has a better region asked for when it is entered the next time; from any thread. */
  final void wantBetter() {
    betterWanted = true;
  }

  /** What is known of the code that it was made from. */
  public final RegionLayout layout() {
    return layout;
  }

  /** How many instructions of its block follow the one at an offset, itself included. */
  protected final long insnsNotReached(int offset) {
    return layout.insnsNotReached(offset);
  }

  /** Whether the region may go on at {@code rip} after a handler that might have changed much. */
  protected final boolean mayGoOn(Cpu cpu, long rip, int mode) {
    return cpu.rip == rip
        && cpu.events.poll() == 0
        && cpu.mode == mode
        && valid
        && !cpu.halted
        && mappedGeneration == cpu.fetchStamps.generation(cpu.rip);
  }

  /** The operations that are left to handlers, in the order of their numbers. */
  final List<Operation> leftOperations() {
    return Stream.of(left).map(one -> one.insn().operation).toList();
  }

  /**
   * What to throw for a floating-point instruction whose result the host has computed is not what
   * MXCSR wants. Where that is frequent, it ends the region: the next one does it otherwise.
   */
  protected final GuestFault leaveUnsafe(Cpu cpu) {
    if (Mxcsr.updateLimits(cpu)) {
      // The region knew too little of MXCSR, and will do better.
      return cpu.fault(GuestFault.INTERPRET, 0);
    }
    unsafeFloats++;
    if (unsafeFloats >= MANY_UNSAFE_FLOATS && heat < unsafeFloats * INSNS_PER_UNSAFE_FLOAT) {
      for (Block block : layout.blocks()) {
        block.hasUnsafeFloats = true;
      }
      drop();
    }
    return cpu.fault(GuestFault.INTERPRET, 0);
  }

  /** Executes an instruction by its handler; registers and flags have been written back. */
  protected final void handle(Cpu cpu, int number, long blockRip) {
    cpu.blockRip = blockRip;
    cpu.inRegion = false;
    handlers[number].execute(cpu, left[number].insn());
    cpu.inRegion = true;
  }

  /**
   * The region to run next, after this one wrote all state back and said by which way it left: the
   * number of a link, or one of the constants here.
   */
  protected final @Nullable Region next(Cpu cpu, int way) {
    Region next = nextBy(cpu, way);
    if (next != null) {
      cpu.counters.chained++;
    }
    return next;
  }

  private @Nullable Region nextBy(Cpu cpu, int way) {
    if (way >= 0) {
      cpu.callsLeft--;
      return follow(cpu, way);
    }
    if (way == COMPUTED) {
      Region found = cpu.code.regionAtRip();
      cpu.counters.computedJump(found != null);
      return found;
    }
    if (way == RETURNED) {
      return cpu.code.regionReturnedTo();
    }
    return switch (way) {
      case MISSED -> leaveOnMiss(cpu);
      case SPLIT -> leaveOnSplit(cpu);
      default -> leaveToHandler(cpu, HANDLER - way);
    };
  }

  /** The same for a small region, which leaves it to be done that its instructions are counted. */
  protected final @Nullable Region settledNext(Cpu cpu, int way) {
    settleCount(cpu);
    return next(cpu, way);
  }

  /**
   * The region to run next by a link, after CPU state was written back; null when events are
   * pending or none is there.
   */
  final @Nullable Region follow(Cpu cpu, int link) {
    Region target = targets[link];
    long landing = landings[link];
    if (target != null
        && cpu.events.poll() == 0
        && target.isMappedAt(cpu, Landing.entryOffset(landing))) {
      cpu.nextEntry = Landing.entry(landing);
      return target;
    }
    return search(cpu, link);
  }

  private @Nullable Region search(Cpu cpu, int link) {
    Region found = cpu.code.regionAtRip();
    if (found != null) {
      connect(link, found, cpu);
      cpu.counters.linksConnected++;
    } else {
      cpu.counters.leaveRegion(RegionExit.NO_REGION);
    }
    return found;
  }

  private void connect(int link, Region target, Cpu cpu) {
    cut(link);
    targets[link] = target;
    int entry = cpu.nextEntry;
    int entryOffset = target.layout.entryOffset(entry);
    long targetBase = cpu.rip - entryOffset;
    int returnOffset = returnOffsets[link];
    boolean leadsBack =
        returnOffset != NO_CALL
            && target.isBest()
            && target.layout.holds((int) (mappedBase + returnOffset - targetBase));
    long landing = Landing.of(entryOffset, cpu.mode, entry);
    landings[link] = leadsBack ? Landing.leadingBack(landing) : landing;
    target.incoming.add(this);
  }

  /**
   * Whether a link that was just followed is a call of a large region that goes on where it is
   * returned to: to run that in place of this one costs less than to come back.
   */
  final boolean leadsBack(int link) {
    return Landing.leadsBack(landings[link]);
  }

  /** A link leads nowhere from now on. */
  private void cut(int link) {
    Region old = targets[link];
    if (old != null) {
      targets[link] = null;
      old.incoming.remove(this);
    }
  }

  /** A region was dropped, which forgets those that lead there itself. */
  private void forgetTarget(Region dropped) {
    for (int link = 0; link < targets.length; link++) {
      if (targets[link] == dropped) {
        targets[link] = null;
      }
    }
  }

  /**
   * Has the loop execute the instruction at RIP. Where that is frequent, it ends the region: the
   * next one has the slow path in it.
   */
  private @Nullable Region leaveOnMiss(Cpu cpu) {
    leaveToInterpreter(cpu);
    misses++;
    int offset = (int) cpu.rip & 0xfff;
    for (Block block : layout.blocks()) {
      if (isIn(block, offset)) {
        block.misses++;
      }
    }
    if (misses >= MANY_MISSES && heat < misses * INSNS_PER_MISS) {
      for (Block block : layout.blocks()) {
        block.missesOften |= block.misses > misses / FEW_MISSES_DIVISOR;
      }
      drop();
    }
    return null;
  }

  /** The same where the next region is to look at the TLB for each access. */
  private @Nullable Region leaveOnSplit(Cpu cpu) {
    leaveToInterpreter(cpu);
    splits++;
    int offset = (int) cpu.rip & 0xfff;
    for (Block block : layout.blocks()) {
      if (isIn(block, offset)) {
        block.splits++;
      }
    }
    long insnsPerSplit = isBest() ? INSNS_PER_SPLIT : SLOW_INSNS_PER_SPLIT;
    if (splits >= MANY_SPLITS && heat < splits * insnsPerSplit) {
      for (Block block : layout.blocks()) {
        block.splitsOften |= block.splits > splits / FEW_MISSES_DIVISOR;
      }
      drop();
    }
    return null;
  }

  private void leaveToInterpreter(Cpu cpu) {
    // The whole block was counted when it was begun.
    int notReached = layout.insnsNotReached((int) (cpu.rip - mappedBase));
    cpu.instructions -= notReached;
    heat -= notReached;
    cpu.counters.leaveRegion(RegionExit.MISS);
    cpu.code.interpretNext();
  }

  private static boolean isIn(Block block, int pageOffset) {
    return block.pageOffset <= pageOffset && pageOffset < block.pageOffset + block.length;
  }

  private @Nullable Region leaveToHandler(Cpu cpu, int number) {
    LeftInsn leaves = left[number];
    Insn insn = leaves.insn();
    int mode = cpu.mode;
    long after = cpu.rip + insn.length;
    if (!cpu.is64()) {
      after &= 0xffff_ffffL;
    }
    // A fault leaves the instruction and those after it not executed.
    cpu.instructions -= leaves.notReached();
    handle(cpu, number, cpu.rip - insn.offset);
    if (!insn.operation.endsBlock()) {
      cpu.rip = after;
    }
    if (leaves.resume() >= 0 && mayGoOn(cpu, after, mode)) {
      cpu.instructions += leaves.notReached();
      cpu.nextEntry = leaves.resume();
      cpu.counters.resumed++;
      return this;
    }
    cpu.instructions++;
    return RegionRuntime.leaveAfterHandler(cpu);
  }
}
