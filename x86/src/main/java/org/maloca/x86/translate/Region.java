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
public abstract class Region {
  private static final int MANY_UNSAFE_FLOATS = 200;

  /** Rarer ones cost less than what is spared. */
  private static final long INSNS_PER_UNSAFE_FLOAT = 1000;

  /** Way out: to a computed place. */
  static final int COMPUTED = -1;

  /** Way out: a function returned. */
  static final int RETURNED = -2;

  /** Way out: an access missed the TLB; the loop is to execute the instruction. */
  static final int MISSED = -3;

  /** Way out: for the handler of this number less the way's. */
  static final int HANDLER = -4;

  /** Fewer may be the first touches of pages. */
  private static final int MANY_MISSES = 300;

  /** Rarer misses cost less than what is spared. */
  private static final long INSNS_PER_MISS = 1500;

  /** A block with so small a part of a region's misses can go on without its slow path. */
  private static final int FEW_MISSES_DIVISOR = 32;

  /** The instructions that are left to their handlers, by number in the region. */
  private final LeftInsn[] left;

  private final InsnHandler[] handlers;

  /** The ways out to fixed places. */
  protected final Link[] links;

  private final RegionLayout layout;
  private final RegionShape.Kind kind;

  /** Links of others that lead here. */
  final List<Link> incoming = new ArrayList<>(2);

  /** False once any of its code was overwritten, or it was dropped to make room. */
  public volatile boolean valid = true;

  /** What it is called by in statistics: unique in its translator. */
  int number;

  /** Linear address of its first block when it was made. */
  long rip;

  /** Where it is booked while it is in use. */
  @Nullable RegionLedger ledger;

  /** Guest instructions that it executed; written by the vCPU, looked at by the translator. */
  public long heat;

  private final BetterCode better;
  private volatile boolean betterWanted;

  /** Instructions left to the interpreter because the host's floating point would not do. */
  private int unsafeFloats;

  /** Accesses that missed the TLB and were left to the loop. */
  private int misses;

  private long mappedGeneration = -1;
  private long mappedBase;

  protected Region(RegionParts parts) {
    left = parts.left();
    handlers = parts.handlers();
    layout = parts.layout();
    kind = parts.kind();
    better = parts.better();
    links = new Link[parts.links()];
    for (int i = 0; i < links.length; i++) {
      links[i] = new Link();
    }
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
  public abstract @Nullable Region run(Cpu cpu, int entry);

  /**
   * Makes state exact after {@link #run} was left by a fault: a small region only notes where it
   * is, at {@link Cpu#faultOffset}.
   *
   * @param entry the one that it was entered by
   */
  public final void settle(Cpu cpu, int entry) {
    int offset = cpu.faultOffset;
    if (offset == Cpu.EXACT) {
      return;
    }
    cpu.faultOffset = Cpu.EXACT;
    cpu.rip += offset - layout.entryOffset(entry);
    if (!cpu.is64()) {
      cpu.rip &= 0xffff_ffffL;
    }
    // The whole block was counted when it was begun.
    cpu.instructions -= layout.insnsNotReached(offset);
  }

  /** Whether all of its pages are mapped as they were when it was made, seen from RIP. */
  public final boolean isMappedAt(Cpu cpu, int entry) {
    return valid
            && !betterWanted
            && mappedGeneration == cpu.fetchStamps.generation(cpu.rip)
            && mappedBase == cpu.rip - layout.entryOffset(entry)
        || valid && checkMapping(cpu, entry);
  }

  private boolean checkMapping(Cpu cpu, int entry) {
    long base = cpu.rip - layout.entryOffset(entry);
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
    for (Link link : incoming) {
      link.targetDropped();
    }
    incoming.clear();
    for (Link link : links) {
      link.cut();
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

  /** Offset of an entry's first instruction from the base. */
  protected final long entryOffset(int entry) {
    return layout.entryOffset(entry);
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
    if (way >= 0) {
      return links[way].follow(cpu);
    }
    if (way == COMPUTED) {
      Region found = cpu.code.regionAtRip();
      cpu.counters.computedJump(found != null);
      return found;
    }
    if (way == RETURNED) {
      // A caller that is compiled code looks first whether this is the place to go on at.
      return cpu.callDepth > 0 ? null : cpu.code.regionAtRip();
    }
    return way == MISSED ? leaveOnMiss(cpu) : leaveToHandler(cpu, HANDLER - way);
  }

  /**
   * Has the loop execute the instruction at RIP. Where that is frequent, it ends the region: the
   * next one has the slow path in it.
   */
  private @Nullable Region leaveOnMiss(Cpu cpu) {
    // The whole block was counted when it was begun.
    int notReached = layout.insnsNotReached((int) (cpu.rip - mappedBase));
    cpu.instructions -= notReached;
    heat -= notReached;
    cpu.counters.leaveRegion(RegionExit.MISS);
    cpu.code.interpretNext();
    misses++;
    int offset = (int) cpu.rip & 0xfff;
    for (Block block : layout.blocks()) {
      if (block.pageOffset <= offset && offset < block.pageOffset + block.length) {
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
