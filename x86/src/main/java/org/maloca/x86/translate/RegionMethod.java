package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.bytecode.Frame;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * The body of a region's method: entries, blocks in order with the jumps between them and what is
 * left to handlers, then the {@link Exits}.
 */
final class RegionMethod {
  private final MethodCode code;
  private final RegionPlan plan;
  private final Emitter emitter;
  private final EmitterFamilies families;
  private final StateEmitter state;
  private final StackEmitter stack;
  private final FlagLiveness liveness;
  private final Map<Integer, Label> labels = new HashMap<>();
  private final Exits exits;
  private final Label handlerFault;

  /** Instructions left to handlers, in the order of their numbers. */
  private final List<LeftInsn> left = new ArrayList<>();

  /** Entries in the midst of blocks, behind handlers. */
  private final Map<Middle, Label> middles = new LinkedHashMap<>();

  /** Instructions of its block that are not executed when the one at an offset faults. */
  private final TreeMap<Integer, Integer> notReached = new TreeMap<>();

  /** Ranges whose faults find state in the locals: everything but calls of handlers. */
  private final List<Label[]> guarded = new ArrayList<>();

  private final List<Label[]> handled = new ArrayList<>();
  private Label guardedFrom;

  private @Nullable Frame entered;

  /** What the lazy flags are known to be at the end of each block that was emitted. */
  private final Map<RegionBlock, Integer> flagKindAfter = new HashMap<>();

  /** What is known of memory behind blocks that were emitted and end by a plain jump. */
  private final Map<RegionBlock, SharedLookups.Known> memoryAfter = new HashMap<>();

  /** What is known of XMM registers at the end of each block that was emitted. */
  private final Map<RegionBlock, FloatRanges> rangesAfter = new HashMap<>();

  RegionMethod(MethodCode code, RegionPlan plan) {
    this.code = code;
    this.plan = plan;
    handlerFault = code.newLabel();
    guardedFrom = code.newLabel();
    plan.blocks().forEach(block -> labels.put(block.offset(), code.newLabel()));
    emitter = new Emitter(code, plan);
    families = new EmitterFamilies(emitter);
    state = new StateEmitter(emitter, plan);
    stack = new StackEmitter(emitter);
    exits = new Exits(emitter, state);
    liveness = new FlagLiveness(plan, insn -> families.of(insn) != null);
    if (plan.isQuick()) {
      plan.blocks().forEach(this::findMiddles);
    }
  }

  /**
   * An instruction that is come back to from a handler. A block may begin in the midst of another,
   * so that one offset is in both.
   */
  private record Middle(int block, int offset) {
    static Middle behind(Insn insn, RegionBlock block) {
      return new Middle(block.offset(), block.offset() + insn.nextOffset());
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Middle that && block == that.block && offset == that.offset;
    }

    @Override
    public int hashCode() {
      return 31 * block + offset;
    }
  }

  /** A small region leaves for a handler and comes back behind it. */
  private void findMiddles(RegionBlock block) {
    for (Insn insn : block.block().insns()) {
      if (!insn.operation.endsBlock()
          && families.of(insn) == null
          && !Effects.isConfined(insn.operation)) {
        middles.put(Middle.behind(insn, block), code.newLabel());
      }
    }
  }

  List<LeftInsn> left() {
    return left;
  }

  FlagLiveness liveness() {
    return liveness;
  }

  int[] returnOffsets() {
    return exits.returnOffsets();
  }

  /** Offsets of all entries: those of the plan, then those in the midst of blocks. */
  int[] entryOffsets() {
    List<RegionBlock> entries = plan.entries();
    int[] offsets = new int[entries.size() + middles.size()];
    int count = 0;
    for (RegionBlock entry : entries) {
      offsets[count++] = entry.offset();
    }
    for (Middle middle : middles.keySet()) {
      offsets[count++] = middle.offset();
    }
    return offsets;
  }

  TreeMap<Integer, Integer> notReached() {
    return notReached;
  }

  /** Emits the method. */
  void emit() {
    entries();
    for (RegionBlock block : plan.blocks()) {
      emitBlock(block);
    }
    emitter.exactness.emit();
    closeGuarded();
    if (emitter.mayMiss) {
      code.labelBinding(emitter.missed);
      exits.missed();
    }
    if (emitter.maySplit) {
      code.labelBinding(emitter.split);
      exits.split();
    }
    exits.emit(entered());
    if (plan.isQuick()) {
      return;
    }
    for (Label[] range : guarded) {
      code.exceptionCatch(range[0], range[1], exits.fault(), Names.FAULT);
    }
    if (!handled.isEmpty()) {
      code.handlerBinding(handlerFault, entered(), Names.FAULT);
      code.astore(Locals.PENDING);
      state.leaveByFault();
    }
    for (Label[] range : handled) {
      code.exceptionCatch(range[0], range[1], handlerFault, Names.FAULT);
    }
  }

  /** All that lives in locals is loaded. */
  private void entries() {
    List<Label> entries = new ArrayList<>();
    plan.entries().forEach(block -> entries.add(label(block)));
    entries.addAll(middles.values());
    if (plan.isQuick()) {
      code.labelBinding(exits.begin(), code.frame());
      code.aload(Locals.CPU).aload(Locals.REGION).putfield(Names.CPU, "running", Names.REGION);
    }
    code.aload(Locals.REGION).getfield(Names.REGION, "mappedBase", CD_long).lstore(Locals.BASE);
    state.enter();
    entered = code.frame();
    code.labelBinding(guardedFrom);
    if (entries.size() == 1) {
      code.goto_(entries.getFirst());
      return;
    }
    code.iload(Locals.ENTRY);
    code.tableswitch(1, entries.subList(1, entries.size()), entries.getFirst());
  }

  private Label label(RegionBlock block) {
    return Objects.requireNonNull(labels.get(block.offset()));
  }

  /** What is in the locals wherever blocks begin. */
  private Frame entered() {
    return Objects.requireNonNull(entered);
  }

  private void emitBlock(RegionBlock block) {
    RegionBlock before = plan.onlyPredecessor(block);
    SharedLookups.Known memory = null;
    if (before == null || plan.isBackward(before, block)) {
      code.labelBinding(label(block), entered());
    } else {
      code.labelBinding(label(block));
      memory = memoryAfter.get(before);
    }
    emitter.flagKind = flagKindAfter.getOrDefault(before, Emitter.UNKNOWN);
    FloatRanges ranges = rangesAfter.get(before);
    if (ranges == null) {
      emitter.xmm.ranges.forgetAll();
    } else {
      emitter.xmm.ranges.resume(ranges);
    }
    emitter.leavesOnMiss = !plan.isQuick() && !block.block().missesOften;
    Insn[] insns = block.block().insns();
    if (plan.isQuick() && Effects.lookAtFlagsBefore(insns)) {
      state.loadFlags();
    }
    state.count(insns.length);
    int last = insns.length - 1;
    int[] flagsLive = liveness.after(block);
    for (int i = 0; i <= last; i++) {
      notReached.put(block.at(insns[i]), insns.length - i);
    }
    StackRuns runs = plan.isQuick() && emitter.wide ? new StackRuns(insns) : null;
    SharedLookups lookups = sharedLookups(block, memory, runs);
    for (int i = 0; i <= last; i++) {
      emitter.begin();
      if (runs != null && runs.length(i) > 0) {
        stackRun(insns[i], runs.packed(i), block.at(insns[i]));
        i += runs.length(i) - 1;
        if (i == last) {
          goOn(block);
        }
        continue;
      }
      emitter.flagsLive = flagsLive[i];
      emitter.operand = lookups == null ? null : lookups.operand(i);
      emitter.slot = lookups == null ? null : lookups.slot(i);
      if (i < last) {
        emitPlain(block, insns[i]);
      } else {
        emitLast(block, insns[last]);
      }
    }
    if (lookups != null && jumpsPlainly(insns[last])) {
      memoryAfter.put(block, lookups.after());
    }
    if (emitter.xmm.ranges.mayKnow()) {
      rangesAfter.put(block, emitter.xmm.ranges.copy());
    }
  }

  /** Executes PUSHes or POPs of a run by one call. */
  private void stackRun(Insn first, int registers, int at) {
    String method = first.operation == Operation.PUSH ? "pushRegisters" : "popRegisters";
    code.aload(Locals.CPU).loadConstant(registers).loadConstant(at);
    code.invokestatic(Names.RUNTIME, method, Names.CPU_INT_INT_TO_VOID);
  }

  private @Nullable SharedLookups sharedLookups(
      RegionBlock block, SharedLookups.@Nullable Known before, @Nullable StackRuns runs) {
    Predicate<Insn> isEmitted = insn -> families.of(insn) != null;
    if (block.block().splitsOften) {
      return null;
    }
    if (plan.isQuick()) {
      // A look-up is a call, as any access is.
      IntPredicate isApart = runs == null ? index -> false : runs::contains;
      return new SharedLookups(block, null, 2, isEmitted, isApart, unused -> List.of());
    }
    return emitter.leavesOnMiss
        ? new SharedLookups(block, before, 1, isEmitted, index -> false, this::followers)
        : null;
  }

  /** The blocks that are come to from one alone, by a plain jump and behind it. */
  private List<RegionBlock> followers(RegionBlock block) {
    if (!jumpsPlainly(block.last())) {
      return List.of();
    }
    List<RegionBlock> followers = new ArrayList<>();
    for (RegionBlock next : plan.successors(block)) {
      if (block.equals(plan.onlyPredecessor(next))
          && !plan.isBackward(block, next)
          && !next.block().splitsOften
          && !next.block().missesOften) {
        followers.add(next);
      }
    }
    return followers;
  }

  /** Whether a block ends by nothing that changes anything but RIP. */
  private boolean jumpsPlainly(Insn last) {
    return switch (last.operation) {
      case JCC, JMP -> !isBranchOfOtherSize(last);
      default -> !last.operation.endsBlock();
    };
  }

  private void emitLast(RegionBlock block, Insn insn) {
    if (insn.operation == Operation.UD || isBranchOfOtherSize(insn)) {
      leaveToInterpreter(block, insn);
      return;
    }
    switch (insn.operation) {
      case JCC -> conditionalJump(block, insn);
      case JMP -> {
        flagKindAfter.put(block, emitter.flagKind);
        jump(block, block.target());
      }
      case CLI, STI, STAC, CLAC, SWAPGS -> changePermission(block, insn);
      case SERIALIZE -> serialize(block);
      case CALL -> call(block, insn);
      case CALL_INDIRECT -> callIndirect(block, insn);
      case RET -> ret(block, insn);
      case JMP_INDIRECT -> jumpIndirect(block, insn);
      default -> {
        if (!insn.operation.endsBlock()) {
          emitPlain(block, insn);
          goOn(block);
        } else {
          handleLast(block, insn);
        }
      }
    }
  }

  /** Goes on behind a block whose last instruction is no jump. */
  private void goOn(RegionBlock block) {
    flagKindAfter.put(block, emitter.flagKind);
    jump(block, block.next());
  }

  /** Leaves the last instruction of a block to its handler. */
  private void handleLast(RegionBlock block, Insn insn) {
    if (plan.isQuick()) {
      leaveForHandler(block, insn);
    } else {
      handle(block, insn);
      afterTerminalHandler(block, insn);
    }
  }

  /** Changes what is permitted, and goes on: all other state stays where it is. */
  private void changePermission(RegionBlock block, Insn insn) {
    flagKindAfter.put(block, emitter.flagKind);
    emitter.mark(block.at(insn));
    String method =
        switch (insn.operation) {
          case CLI -> "maskInterrupts";
          case STI -> "permitInterrupts";
          case STAC -> "setAlignmentCheck";
          case CLAC -> "clearAlignmentCheck";
          default -> "swapGs";
        };
    code.aload(Locals.CPU).invokestatic(Names.RUNTIME, method, Names.CPU_TO_VOID);
    if (insn.operation != Operation.CLI && insn.operation != Operation.STI) {
      state.loadBases();
    }
    if (insn.operation == Operation.STI) {
      leaveForEvents(block);
    }
    jump(block, block.next());
  }

  /** Goes on with the code that is there now, whoever wrote it. */
  private void serialize(RegionBlock block) {
    flagKindAfter.put(block, emitter.flagKind);
    code.invokestatic(Names.VAR_HANDLE, "fullFence", Names.TO_VOID);
    leaveForEvents(block);
    jump(block, block.next());
  }

  private void leaveForEvents(RegionBlock block) {
    Label goesOn = code.newLabel();
    pushEvents();
    code.ifeq(goesOn);
    exits.to(block.next());
    code.labelBinding(goesOn);
  }

  private void emitPlain(RegionBlock block, Insn insn) {
    InsnEmitter family = families.of(insn);
    if (family != null) {
      family.emit(insn, block.at(insn));
    } else if (Effects.isConfined(insn.operation)) {
      handleConfined(block, insn);
    } else if (plan.isQuick()) {
      leaveForHandler(block, insn);
      code.labelBinding(Objects.requireNonNull(middles.get(Middle.behind(insn, block))));
      state.loadFlags();
      emitter.flagKind = Emitter.UNKNOWN;
      emitter.xmm.ranges.forgetAll();
    } else {
      handle(block, insn);
      leaveIfOverwritten(block, insn);
    }
  }

  /** A handler may have overwritten this very region. */
  private void leaveIfOverwritten(RegionBlock block, Insn insn) {
    Label unbroken = code.newLabel();
    code.aload(Locals.REGION).getfield(Names.REGION, "valid", CD_boolean);
    code.ifne(unbroken);
    exits.to(block.offset() + insn.nextOffset());
    code.labelBinding(unbroken);
  }

  /** Whether a prefix makes a direct branch cut its target. */
  private boolean isBranchOfOtherSize(Insn insn) {
    return switch (insn.operation) {
      case JCC, JMP -> insn.operandSize != (emitter.wide ? 8 : 4);
      default -> false;
    };
  }

  /** Also for what is undefined: it may be an instruction too long, which is another fault. */
  private void leaveToInterpreter(RegionBlock block, Insn insn) {
    emitter.mark(block.at(insn));
    code.aload(Locals.CPU).invokestatic(Names.RUNTIME, "interpret", Names.CPU_TO_FAULT);
    code.athrow();
  }

  // Jumps.

  /** Goes to a block of the region, or out; a jump back first looks for events. */
  private void jump(RegionBlock from, long offset) {
    RegionBlock to = plan.at(offset);
    if (to == null) {
      exits.to(offset);
      return;
    }
    if (plan.isBackward(from, to)) {
      if (plan.isQuick()) {
        jumpBack(offset);
        return;
      }
      // HotSpot takes a conditional jump back for a loop's, which is taken nearly always.
      pushEvents();
      code.ifeq(label(to));
      exits.to(offset);
      return;
    }
    code.goto_(label(to));
  }

  /**
   * Begins anew at a block of a small region. Were there loops between blocks, which are all
   * entries, the quick compiler would find loops with several beginnings, and move all that is in
   * locals at each block and each call.
   */
  private void jumpBack(long offset) {
    Label out = code.newLabel();
    pushEvents();
    code.ifne(out);
    code.loadConstant(entryAt(offset)).istore(Locals.ENTRY).goto_(exits.begin());
    code.labelBinding(out);
    exits.to(offset);
  }

  /** Pushes what waits to be looked at, 0 for nothing. */
  private void pushEvents() {
    if (emitter.inMemory) {
      code.aload(Locals.CPU).getfield(Names.CPU, "events", Names.EVENTS);
    } else {
      code.aload(Locals.EVENTS);
    }
    code.getfield(Names.EVENTS, "bits", CD_int);
  }

  private void conditionalJump(RegionBlock block, Insn insn) {
    Label taken = code.newLabel();
    flagKindAfter.put(block, emitter.flagKind);
    emitter.branchIf(insn.condition, taken);
    jump(block, block.next());
    code.labelBinding(taken);
    jump(block, block.target());
  }

  private void call(RegionBlock block, Insn insn) {
    if (!stack.isPlain(insn)) {
      handleLast(block, insn);
      return;
    }
    long target = block.target();
    if (plan.at(target) == null) {
      noteReturn(block);
    }
    emitter.pushRip(block.next());
    code.lstore(Locals.TEMP_A);
    stack.pushTemp(block.at(insn));
    if (plan.at(target) != null || !nestsCall(block)) {
      jump(block, target);
      return;
    }
    emitter.pushRip(target);
    code.lstore(Locals.RIP);
    beginNestedCall();
    code.aload(Locals.CPU)
        .aload(Locals.REGION)
        .loadConstant(exits.linkToCall(target, block.next()));
    emitter.pushRip(block.next());
    code.invokestatic(Names.GUEST_CALL, "call", Names.CALL);
    endNestedCall(block);
  }

  private void callIndirect(RegionBlock block, Insn insn) {
    if (!hasPlainTarget(insn) || !stack.isPlain(insn)) {
      handleLast(block, insn);
      return;
    }
    readTarget(block, insn);
    code.lload(Locals.TEMP_A).lstore(Locals.RIP);
    emitter.pushRip(block.next());
    code.lstore(Locals.TEMP_A);
    code.aload(Locals.CPU).lload(Locals.RIP);
    emitter.readGuest(4);
    code.invokestatic(Names.RUNTIME, "checkCall", Names.CHECK_CALL);
    noteReturn(block);
    stack.pushTemp(block.at(insn));
    Label out = code.newLabel();
    code.lload(Locals.RIP).lstore(Locals.TEMP_A);
    computedJump(block, out);
    code.labelBinding(out);
    if (!nestsCall(block)) {
      exits.computed();
      return;
    }
    beginNestedCall();
    code.aload(Locals.CPU).aload(Locals.REGION);
    emitter.pushRip(block.next());
    code.invokestatic(Names.GUEST_CALL, "callComputed", Names.CALL_COMPUTED);
    endNestedCall(block);
  }

  /** A small region that is about to leave for a function says where it is come back to. */
  private void noteReturn(RegionBlock block) {
    int entry = plan.isQuick() ? entryAt(block.next()) : -1;
    if (entry >= 0) {
      code.aload(Locals.CPU).aload(Locals.REGION);
      code.loadConstant(Landing.of((int) block.next(), plan.mode(), entry));
      code.invokestatic(Names.RETURN_PLACES, "note", Names.NOTE_CALL);
    }
  }

  /** Number of the entry at an offset; -1 if there is none. */
  private int entryAt(long offset) {
    int[] offsets = entryOffsets();
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] == offset) {
        return i;
      }
    }
    return -1;
  }

  /** Small regions leave for what they call. */
  private boolean nestsCall(RegionBlock block) {
    return !plan.isQuick() && plan.at(block.next()) != null;
  }

  private void beginNestedCall() {
    closeGuarded();
    state.leave();
  }

  /** The callee's faults are not this region's: nothing catches them here. */
  private void endNestedCall(RegionBlock block) {
    Label returned = code.newLabel();
    code.ifne(returned);
    code.aload(Locals.CPU).getfield(Names.CPU, "onward", Names.REGION).areturn();
    code.labelBinding(returned);
    state.reenter();
    openGuarded();
    emitter.flagKind = Emitter.UNKNOWN;
    code.goto_(Objects.requireNonNull(labels.get(block.next())));
  }

  private boolean hasPlainTarget(Insn insn) {
    return insn.operandSize == (emitter.wide ? 8 : 4)
        && (insn.kind0 == OperandKind.GPR
            || insn.kind0 == OperandKind.MEMORY && emitter.hasPlainAddress(insn));
  }

  private void readTarget(RegionBlock block, Insn insn) {
    int at = block.at(insn);
    emitter.mark(at);
    int size = insn.operandSize;
    emitter.read(insn, 0, size, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_A);
  }

  private void ret(RegionBlock block, Insn insn) {
    if (!stack.isPlain(insn)) {
      handleLast(block, insn);
      return;
    }
    Label out = code.newLabel();
    boolean mayStay = !plan.computedTargets(block).isEmpty();
    if (mayStay) {
      // Whoever called by a call of the JVM waits for this, though the way back may be here, too.
      emitter.readGuest(4);
      code.aload(Locals.CPU).getfield(Names.CPU, "awaitedReturnSlot", CD_long).lsub();
      code.lstore(Locals.TEMP_C);
    }
    stack.popReturn(block.at(insn), insn.immediate);
    if (mayStay) {
      code.lload(Locals.TEMP_C).lconst_0().lcmp().ifeq(out);
    }
    computedJump(block, out);
    code.labelBinding(out);
    // What is in the region is canonical.
    stack.checkReturn(block.at(insn), insn.immediate);
    code.lload(Locals.TEMP_A).lstore(Locals.RIP);
    exits.returned();
  }

  private void jumpIndirect(RegionBlock block, Insn insn) {
    if (!hasPlainTarget(insn)) {
      handleLast(block, insn);
      return;
    }
    readTarget(block, insn);
    Label out = code.newLabel();
    computedJump(block, out);
    code.labelBinding(out);
    // What is in the region is canonical.
    emitter.checkTarget(Locals.TEMP_A);
    code.lload(Locals.TEMP_A).lstore(Locals.RIP);
    exits.computed();
  }

  /** Goes to the RIP in TEMP_A if it is one of those seen before and in the region, else on. */
  private void computedJump(RegionBlock block, Label out) {
    List<RegionBlock> targets = plan.computedTargets(block);
    if (targets.isEmpty()) {
      return;
    }
    targets.sort(Comparator.comparingInt(RegionBlock::offset));
    code.lload(Locals.TEMP_A).lload(Locals.BASE).lsub().lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B).lload(Locals.TEMP_B).l2i().i2l().lcmp().ifne(out);
    int[] offsets = new int[targets.size()];
    List<Label> stubs = new ArrayList<>(offsets.length);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = targets.get(i).offset();
      stubs.add(code.newLabel());
    }
    code.lload(Locals.TEMP_B).l2i();
    code.lookupswitch(offsets, stubs, out);
    for (int i = 0; i < stubs.size(); i++) {
      code.labelBinding(stubs.get(i));
      jump(block, targets.get(i).offset());
    }
  }

  // Handlers.

  private void handle(RegionBlock block, Insn insn) {
    emitter.mark(block.at(insn));
    closeGuarded();
    state.writeBackAll();
    Label from = code.newLabel();
    Label to = code.newLabel();
    code.labelBinding(from);
    callHandler(block, insn);
    code.labelBinding(to);
    handled.add(new Label[] {from, to});
    if (!insn.operation.endsBlock()) {
      state.reloadAll();
    }
    openGuarded();
    emitter.flagKind = Emitter.UNKNOWN;
  }

  /** Calls a handler that touches only the registers of its operands; the others stay in locals. */
  private void handleConfined(RegionBlock block, Insn insn) {
    emitter.mark(block.at(insn));
    boolean flags = Effects.touchesFlags(insn);
    state.writeBack(Effects.reads(insn) | Effects.writes(insn));
    if (flags || Effects.flagsRead(insn) != 0) {
      state.writeBackFlags();
    }
    if (Effects.isX87(insn.operation)) {
      state.writeBackX87();
    }
    callHandler(block, insn);
    if (Effects.isX87(insn.operation)) {
      state.forgetX87();
    }
    state.reload(Effects.writes(insn));
    if (flags) {
      state.loadFlags();
      emitter.flagKind = Emitter.UNKNOWN;
    }
    if (insn.kind0 == OperandKind.MEMORY || insn.operation == Operation.PUSHF) {
      leaveIfOverwritten(block, insn);
    }
  }

  /** The region's caller executes the handler, and then enters again behind it. */
  private void leaveForHandler(RegionBlock block, Insn insn) {
    int resume = entryBehind(block, insn);
    int number = left.size();
    left.add(new LeftInsn(insn, Objects.requireNonNull(notReached.get(block.at(insn))), resume));
    exits.toHandler(number, block.at(insn));
  }

  /** Number of the entry behind an instruction; -1 when there is none, or it is seldom come to. */
  private int entryBehind(RegionBlock block, Insn insn) {
    if (RegionBlock.neverGoesOn(insn.operation)) {
      return -1;
    }
    Middle behind = Middle.behind(insn, block);
    int middle = List.copyOf(middles.keySet()).indexOf(behind);
    return middle >= 0 ? plan.entries().size() + middle : entryAt(behind.offset());
  }

  private void callHandler(RegionBlock block, Insn insn) {
    int number = left.size();
    left.add(new LeftInsn(insn, 0, -1));
    code.aload(Locals.REGION).aload(Locals.CPU).loadConstant(number);
    code.lload(Locals.BASE).loadConstant((long) block.offset()).ladd();
    code.invokevirtual(Names.REGION, "handle", Names.HANDLE);
    emitter.xmm.ranges.forgetWritten(Effects.writes(insn));
  }

  /**
   * A handler that ends a block has set RIP and all state. Where it went on to the next block with
   * nothing changed that matters to compiled code, so does the region.
   */
  private void afterTerminalHandler(RegionBlock block, Insn insn) {
    state.settleCount();
    RegionBlock next = plan.at(block.next());
    if (next == null || RegionBlock.neverGoesOn(insn.operation)) {
      leaveAfterHandler();
      return;
    }
    Label goesOn = code.newLabel();
    code.aload(Locals.REGION).aload(Locals.CPU);
    emitter.pushRip(block.next());
    code.loadConstant(plan.mode());
    code.invokevirtual(Names.REGION, "mayGoOn", Names.MAY_GO_ON);
    code.ifne(goesOn);
    leaveAfterHandler();
    code.labelBinding(goesOn);
    closeGuarded();
    state.reenter();
    openGuarded();
    code.goto_(label(next));
  }

  private void leaveAfterHandler() {
    code.aload(Locals.CPU).invokestatic(Names.RUNTIME, "leaveAfterHandler", Names.CPU_TO_REGION);
    code.areturn();
  }

  // Fault ranges.

  private void closeGuarded() {
    Label to = code.newLabel();
    code.labelBinding(to);
    guarded.add(new Label[] {guardedFrom, to});
  }

  private void openGuarded() {
    guardedFrom = code.newLabel();
    code.labelBinding(guardedFrom);
  }
}
