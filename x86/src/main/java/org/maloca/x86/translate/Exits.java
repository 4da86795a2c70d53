package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.bytecode.Frame;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;

/**
 * The ways out of a region method. All end in one piece of code, which writes state back: what
 * differs is RIP and a number that {@link Region#next} understands.
 */
final class Exits {
  private final Emitter emitter;
  private final MethodCode code;
  private final StateEmitter state;
  private final Label begin;
  private final Label exit;

  /** The way out to the offset in {@link Locals#PC}. */
  private final Label exitAt;

  private final Label fault;

  /** Where a link leads: offsets of that, and of where a call is returned to. */
  private record Way(long to, int back) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Way that && to == that.to && back == that.back;
    }

    @Override
    public int hashCode() {
      return 31 * back + (int) to;
    }
  }

  private final Map<Way, Integer> links = new LinkedHashMap<>();

  Exits(Emitter emitter, StateEmitter state) {
    this.emitter = emitter;
    this.state = state;
    code = emitter.code;
    begin = code.newLabel();
    exit = code.newLabel();
    exitAt = code.newLabel();
    fault = code.newLabel();
  }

  /** For each link the offset that its call is returned to, or {@link Region#NO_CALL}. */
  int[] returnOffsets() {
    int[] offsets = new int[links.size()];
    int count = 0;
    for (Way way : links.keySet()) {
      offsets[count++] = way.back();
    }
    return offsets;
  }

  /** Where a small region begins, which may be the one to run next. */
  Label begin() {
    return begin;
  }

  /** Handles faults of instructions whose state is in locals; the fault is on the stack. */
  Label fault() {
    return fault;
  }

  private int linkTo(Way way) {
    return links.computeIfAbsent(way, unseen -> links.size());
  }

  /** Number of the link for a call of a fixed place. */
  int linkToCall(long offset, int returnOffset) {
    return linkTo(new Way(offset, returnOffset));
  }

  /** Leaves for a fixed place. */
  void to(long offset) {
    int link = linkTo(new Way(offset, Region.NO_CALL));
    if (offset == (int) offset) {
      leaveAt((int) offset, link);
    } else {
      emitter.pushRip(offset);
      code.lstore(Locals.RIP);
      leave(link, exit);
    }
  }

  /** An offset is less code than RIP, which is worked out where all ways meet. */
  private void leaveAt(int offset, int way) {
    code.loadConstant(offset).istore(Locals.PC);
    leave(way, exitAt);
  }

  /** Leaves for the place in {@link Locals#RIP}. */
  void computed() {
    leave(Region.COMPUTED, exit);
  }

  /** Leaves for the place in {@link Locals#RIP}, to which a function returned. */
  void returned() {
    leave(Region.RETURNED, exit);
  }

  /** Leaves for the handler of the instruction at an offset. */
  void toHandler(int number, int offset) {
    leaveAt(offset, Region.HANDLER - number);
  }

  /**
   * Leaves for the instruction at {@link Locals#PC}, which the loop is to execute. No call while
   * state is in locals: HotSpot would keep it on the stack wherever that may come from.
   */
  void missed() {
    leave(Region.MISSED, exitAt);
  }

  /** The same where an access that shares its look at the TLB with others is to be on its own. */
  void split() {
    leave(Region.SPLIT, exitAt);
  }

  private void leave(int way, Label exit) {
    code.loadConstant(way).istore(Locals.LINK).goto_(exit);
  }

  /**
   * Emits what all ways out share.
   *
   * @param entered what is in the locals wherever blocks begin
   */
  void emit(Frame entered) {
    code.labelBinding(exitAt);
    emitter.pushRipAt(Locals.PC);
    code.lstore(Locals.RIP).goto_(exit);
    if (emitter.inMemory) {
      code.labelBinding(exit);
      code.aload(Locals.CPU).loadConstant(Cpu.EXACT).putfield(Names.CPU, "faultOffset", CD_int);
      leaveToNext();
      return;
    }
    Label common = code.newLabel();
    Label faulted = code.newLabel();
    code.handlerBinding(fault, entered, Names.FAULT);
    code.astore(Locals.PENDING).goto_(common);
    code.labelBinding(exit);
    code.aconst_null().astore(Locals.PENDING);
    code.labelBinding(common);
    state.writeBackAll();
    code.aload(Locals.PENDING).ifnonnull(faulted);
    leaveToNext();
    code.labelBinding(faulted);
    state.leaveByFault();
  }

  private void leaveToNext() {
    code.aload(Locals.CPU).lload(Locals.RIP).putfield(Names.CPU, "rip", CD_long);
    state.settleCount();
    code.aload(Locals.REGION).aload(Locals.CPU).iload(Locals.LINK);
    code.invokevirtual(Names.REGION, emitter.inMemory ? "settledNext" : "next", Names.NEXT);
    if (emitter.inMemory) {
      runNext();
    } else {
      code.areturn();
    }
  }

  /** Goes on with the region on the stack while calls are left, and returns the one to run next. */
  private void runNext() {
    Label back = code.newLabel();
    code.astore(Locals.NEXT);
    code.aload(Locals.NEXT).ifnull(back);
    beginIfHere();
    if (!links.isEmpty()) {
      callNext(back);
      code.astore(Locals.NEXT);
      beginIfHere();
    }
    code.labelBinding(back);
    code.aload(Locals.NEXT).areturn();
  }

  /** Begins once more where this region is the one to run next. */
  private void beginIfHere() {
    Label elsewhere = code.newLabel();
    code.aload(Locals.NEXT).aload(Locals.REGION).ifAcmpne(elsewhere);
    code.aload(Locals.CPU).getfield(Names.CPU, "nextEntry", CD_int).istore(Locals.ENTRY);
    code.goto_(begin);
    code.labelBinding(elsewhere);
  }

  /**
   * Calls the region that a link leads to, each link by a call of its own: nearly all lead to one
   * region for long, so that the JVM's call goes straight to its code, where the loop's one call
   * for all goes by the region's class and its table of methods. Leaves what the call returned on
   * the stack.
   */
  private void callNext(Label back) {
    code.aload(Locals.CPU).getfield(Names.CPU, "callsLeft", CD_int).ifle(back);
    List<Label> calls = new ArrayList<>();
    links.keySet().forEach(way -> calls.add(code.newLabel()));
    Label called = code.newLabel();
    code.iload(Locals.LINK).tableswitch(0, calls, back);
    for (Label call : calls) {
      code.labelBinding(call);
      code.aload(Locals.NEXT).aload(Locals.CPU);
      code.aload(Locals.CPU).getfield(Names.CPU, "nextEntry", CD_int);
      code.invokevirtual(Names.REGION, "run", Names.RUN).goto_(called);
    }
    code.labelBinding(called);
  }
}
