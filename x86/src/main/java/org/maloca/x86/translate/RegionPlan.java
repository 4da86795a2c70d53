package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * What is decided about a region before any bytecode is emitted: the order of its blocks, its
 * entries, the jumps among them, and the registers that live in locals.
 */
final class RegionPlan {
  /** Each entry costs a look at every exit that could lead to it; more are seldom used. */
  private static final int MAX_ENTRIES = 16;

  private final RegionShape.Kind kind;
  private final List<RegionBlock> blocks;
  private final Map<Integer, RegionBlock> byOffset = new LinkedHashMap<>();
  private final Map<RegionBlock, Integer> positions = new HashMap<>();
  private final Map<RegionBlock, List<RegionBlock>> predecessors = new HashMap<>();
  private final List<RegionBlock> entries = new ArrayList<>();
  private final LowHalves lowHalves;
  private long used;
  private long changed;
  private boolean usesX87;
  private boolean usesFs;
  private boolean usesGs;

  /** Makes the plan of a region that begins at the first of the blocks. */
  RegionPlan(List<RegionBlock> chosen, RegionShape.Kind kind) {
    this.kind = kind;
    for (RegionBlock block : chosen) {
      byOffset.put(block.offset(), block);
    }
    blocks = new BlockOrder(chosen.getFirst(), this::successors).order();
    for (int i = 0; i < blocks.size(); i++) {
      positions.put(blocks.get(i), i);
    }
    byOffset.values().retainAll(new HashSet<>(blocks));
    for (RegionBlock block : blocks) {
      for (RegionBlock successor : successors(block)) {
        predecessors.computeIfAbsent(successor, unseen -> new ArrayList<>()).add(block);
      }
    }
    chooseEntries();
    lowHalves = new LowHalves(isQuick() ? List.of() : blocks);
    noteRegisters();
  }

  private void chooseEntries() {
    if (isQuick()) {
      // An entry more costs the quick compiler little, and each block is compiled once only.
      entries.addAll(blocks);
      return;
    }
    Set<RegionBlock> chosen = new HashSet<>();
    addEntry(blocks.getFirst(), chosen);
    boolean loops = false;
    for (RegionBlock block : blocks) {
      for (RegionBlock successor : successors(block)) {
        if (isBackward(block, successor)) {
          addEntry(successor, chosen);
          loops = true;
        }
      }
    }
    // Without loops in it, more entries do not keep HotSpot from optimizing one.
    for (RegionBlock block : blocks) {
      Operation operation = block.last().operation;
      boolean comesBack = operation == Operation.CALL || operation == Operation.CALL_INDIRECT;
      RegionBlock next = at(block.next());
      if (comesBack && !loops && next != null) {
        addEntry(next, chosen);
      }
    }
  }

  private void addEntry(RegionBlock block, Set<RegionBlock> chosen) {
    if (chosen.size() < MAX_ENTRIES && chosen.add(block)) {
      entries.add(block);
    }
  }

  private void noteRegisters() {
    for (RegionBlock block : blocks) {
      for (Insn insn : block.block().insns()) {
        usesX87 |= Effects.isX87(insn.operation);
        usesFs |= insn.hasMemory() && insn.segment == Cpu.FS;
        usesGs |= insn.hasMemory() && insn.segment == Cpu.GS;
        if (!isLeftWhole(insn)) {
          used |= Effects.reads(insn) | Effects.writes(insn);
          changed |= Effects.writes(insn);
        }
      }
    }
  }

  /** Whether there are memory operands in FS. */
  boolean usesFs() {
    return usesFs;
  }

  /** Whether there are memory operands in GS. */
  boolean usesGs() {
    return usesGs;
  }

  /** Whether there are x87 instructions. */
  boolean usesX87() {
    return usesX87;
  }

  /** Whether an instruction finds and leaves all state in memory. */
  private static boolean isLeftWhole(Insn insn) {
    return !Effects.isConfined(insn.operation)
        && switch (insn.operation) {
          case JCC, JMP, CALL, CALL_INDIRECT, RET, JMP_INDIRECT -> false;
          default -> true;
        };
  }

  /** The blocks of the region that may follow one without leaving the region. */
  List<RegionBlock> successors(RegionBlock block) {
    return here(block.ways());
  }

  /** Those places that a computed jump was seen to go to which are in the region. */
  List<RegionBlock> computedTargets(RegionBlock block) {
    return here(block.computedTargets());
  }

  private List<RegionBlock> here(long[] offsets) {
    List<RegionBlock> result = new ArrayList<>(offsets.length);
    for (long offset : offsets) {
      RegionBlock block = at(offset);
      if (block != null) {
        result.add(block);
      }
    }
    return result;
  }

  /** The one block that a block is reached from, if it is reached in no other way; or null. */
  @Nullable RegionBlock onlyPredecessor(RegionBlock block) {
    List<RegionBlock> before = predecessors.getOrDefault(block, List.of());
    return before.size() == 1 && !entries.contains(block) && !comesAfterCall(before.getFirst())
        ? before.getFirst()
        : null;
  }

  private static boolean comesAfterCall(RegionBlock block) {
    return block.last().operation == Operation.CALL
        || block.last().operation == Operation.CALL_INDIRECT;
  }

  /** Whether a jump goes back in the order of emission: every loop has one that does. */
  boolean isBackward(RegionBlock from, RegionBlock to) {
    return position(to) <= position(from);
  }

  /** Whether the region is a small one, for the quick compiler. */
  boolean isQuick() {
    return kind == RegionShape.Kind.QUICK;
  }

  private int position(RegionBlock block) {
    return Objects.requireNonNull(positions.get(block));
  }

  List<RegionBlock> blocks() {
    return blocks;
  }

  List<RegionBlock> entries() {
    return entries;
  }

  @Nullable RegionBlock at(long offset) {
    return offset == (int) offset ? byOffset.get((int) offset) : null;
  }

  int mode() {
    return blocks.getFirst().block().mode;
  }

  LowHalves lowHalves() {
    return lowHalves;
  }

  /** Whether instructions whose results MXCSR may want otherwise are left to the interpreter. */
  boolean leavesUnsafeFloats() {
    for (RegionBlock block : blocks) {
      if (block.block().hasUnsafeFloats) {
        return false;
      }
    }
    return true;
  }

  /** Registers that the region mentions. */
  long used() {
    return used;
  }

  /** Registers that the region's own code changes. */
  long changed() {
    return changed;
  }
}
