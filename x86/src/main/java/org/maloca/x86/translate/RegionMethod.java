package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * The body of a region's method: entry switch, blocks in order, one way out for all exits, one
 * handler for all faults.
 */
final class RegionMethod {
  private static final long MASK_32 = 0xffff_ffffL;

  private final List<Block> blocks;
  private final List<Block> entries;
  private final boolean wide;
  private final CodeBuilder code;
  private final Emitter emitter;
  private final EmitterFamilies families;
  private final StackEmitter stack;
  private final FlagLiveness liveness;
  private final Map<Integer, Label> labels = new HashMap<>();
  private final Label exit;
  private final Label fault;
  private final Label handlerFault;

  /** Instructions left to handlers, in the order of their numbers. */
  private final List<Insn> left;

  /** Registers that live in locals, and those of them that the region's own code changes. */
  private long used;

  private long changed;

  /** Ranges whose faults find state in the locals: everything but calls of handlers. */
  private final List<Label[]> guarded = new ArrayList<>();

  private final List<Label[]> handled = new ArrayList<>();
  private Label guardedFrom;

  RegionMethod(CodeBuilder code, List<Block> blocks, List<Block> entries, List<Insn> left) {
    this.code = code;
    this.blocks = blocks;
    this.entries = entries;
    this.left = left;
    exit = code.newLabel();
    fault = code.newLabel();
    handlerFault = code.newLabel();
    guardedFrom = code.newLabel();
    for (Block block : blocks) {
      labels.put(block.pageOffset, code.newLabel());
      for (Insn insn : block.insns) {
        if (!isLeftWhole(insn)) {
          used |= Effects.reads(insn) | Effects.writes(insn);
          changed |= Effects.writes(insn);
        }
      }
    }
    emitter = new Emitter(code, blocks.getFirst().mode, LowHalves.asDoubles(blocks));
    wide = emitter.wide;
    families = new EmitterFamilies(emitter);
    stack = new StackEmitter(emitter);
    liveness = new FlagLiveness(blocks, insn -> families.of(insn) != null);
  }

  /** Whether an instruction finds and leaves all state in memory. */
  private static boolean isLeftWhole(Insn insn) {
    return !Effects.isConfined(insn.operation) && !isBranch(insn.operation);
  }

  private static boolean isBranch(Operation operation) {
    return switch (operation) {
      case JCC, JMP, CALL, RET, JMP_INDIRECT -> true;
      default -> false;
    };
  }

  /** Emits the method. */
  void emit() {
    prologue();
    code.labelBinding(guardedFrom);
    entrySwitch();
    for (Block block : blocks) {
      emitBlock(block);
    }
    closeGuarded();
    code.labelBinding(exit);
    writeBack(changed);
    writeBackFlags();
    code.aload(Locals.CPU).lload(Locals.RIP).putfield(Names.CPU, "rip", CD_long);
    addCount();
    code.return_();
    code.labelBinding(fault);
    code.astore(Locals.FAULT);
    writeBack(changed);
    writeBackFlags();
    leaveByFault();
    code.labelBinding(handlerFault);
    code.astore(Locals.FAULT);
    leaveByFault();
    for (Label[] range : guarded) {
      code.exceptionCatch(range[0], range[1], fault, Names.FAULT);
    }
    for (Label[] range : handled) {
      code.exceptionCatch(range[0], range[1], handlerFault, Names.FAULT);
    }
  }

  private void prologue() {
    code.aload(Locals.CPU).getfield(Names.CPU, "r", Names.LONGS).astore(Locals.REGISTERS);
    code.aload(Locals.CPU).getfield(Names.CPU, "mmu", Names.MMU).astore(Locals.MMU);
    code.iconst_0().istore(Locals.PC);
    code.lconst_0().lstore(Locals.COUNT);
    code.lconst_0().lstore(Locals.RIP);
    if ((used & GuestRegisters.ALL_XMM) != 0) {
      code.aload(Locals.CPU).getfield(Names.CPU, "xmm", Names.LONGS).astore(Locals.VECTORS);
    }
    reload(used);
    reloadFlags();
  }

  private void entrySwitch() {
    if (entries.size() == 1) {
      code.goto_(labels.get(entries.getFirst().pageOffset));
      return;
    }
    List<SwitchCase> cases = new ArrayList<>();
    for (int i = 1; i < entries.size(); i++) {
      cases.add(SwitchCase.of(i, labels.get(entries.get(i).pageOffset)));
    }
    code.iload(Locals.ENTRY);
    code.tableswitch(1, entries.size() - 1, labels.get(entries.getFirst().pageOffset), cases);
  }

  private void emitBlock(Block block) {
    code.labelBinding(labels.get(block.pageOffset));
    emitter.flagKind = Emitter.UNKNOWN;
    code.lload(Locals.COUNT).loadConstant((long) block.insns.length).ladd().lstore(Locals.COUNT);
    int last = block.insns.length - 1;
    int[] flagsLive = liveness.after(block);
    for (int i = 0; i < last; i++) {
      emitter.flagsLive = flagsLive[i];
      emitPlain(block, block.insns[i]);
    }
    emitter.flagsLive = flagsLive[last];
    Insn insn = block.insns[last];
    int next = block.pageOffset + block.length;
    if (insn.operation == Operation.UD || isBranchOfOtherSize(insn)) {
      leaveToInterpreter(block, insn);
      return;
    }
    switch (insn.operation) {
      case JCC -> conditionalJump(block, insn, next);
      case JMP -> jump(block, next + insn.immediate);
      case CALL -> call(block, insn, next);
      case RET -> ret(block, insn);
      case JMP_INDIRECT -> jumpIndirect(block, insn);
      default -> {
        if (insn.operation.endsBlock()) {
          handle(block, insn);
          afterTerminalHandler();
        } else {
          emitPlain(block, insn);
          jump(block, next);
        }
      }
    }
  }

  private void emitPlain(Block block, Insn insn) {
    InsnEmitter family = families.of(insn);
    if (family != null) {
      family.emit(insn, block.pageOffset + insn.offset);
    } else if (Effects.isConfined(insn.operation)) {
      handleConfined(block, insn);
    } else {
      handle(block, insn);
      leaveIfOverwritten(block, insn);
    }
  }

  /** A handler may have overwritten this very region. */
  private void leaveIfOverwritten(Block block, Insn insn) {
    Label unbroken = code.newLabel();
    code.aload(Locals.REGION)
        .getfield(Names.REGION, "valid", java.lang.constant.ConstantDescs.CD_boolean);
    code.ifne(unbroken);
    exitTo(block.pageOffset + insn.nextOffset());
    code.labelBinding(unbroken);
  }

  /** Whether a prefix makes a direct branch cut its target. */
  private boolean isBranchOfOtherSize(Insn insn) {
    return switch (insn.operation) {
      case JCC, JMP -> insn.operandSize != (wide ? 8 : 4);
      default -> false;
    };
  }

  /** Also for what is undefined: it may be an instruction too long, which is another fault. */
  private void leaveToInterpreter(Block block, Insn insn) {
    emitter.mark(block.pageOffset + insn.offset);
    code.aload(Locals.CPU).invokestatic(Names.RUNTIME, "interpret", Names.CPU_TO_FAULT);
    code.athrow();
  }

  // Ways out.

  private void pushRip(long offset) {
    code.lload(Locals.BASE).loadConstant(offset).ladd();
    if (!wide) {
      code.loadConstant(MASK_32).land();
    }
  }

  private void exitTo(long offset) {
    pushRip(offset);
    code.lstore(Locals.RIP).goto_(exit);
  }

  /** Goes to a block of the region, or out; a jump back first looks for events. */
  private void jump(Block from, long offset) {
    Label inside = offset >= 0 && offset < 0x1000 ? labels.get((int) offset) : null;
    if (inside == null) {
      exitTo(offset);
      return;
    }
    if (offset <= from.pageOffset) {
      Label quiet = code.newLabel();
      code.aload(Locals.CPU).getfield(Names.CPU, "events", Names.EVENTS);
      code.invokevirtual(Names.EVENTS, "poll", Names.POLL);
      code.ifeq(quiet);
      exitTo(offset);
      code.labelBinding(quiet);
    }
    code.goto_(inside);
  }

  private void conditionalJump(Block block, Insn insn, int next) {
    Label taken = code.newLabel();
    emitter.branchIf(insn.condition, taken);
    jump(block, next);
    code.labelBinding(taken);
    jump(block, next + insn.immediate);
  }

  private void call(Block block, Insn insn, int next) {
    if (!wide || insn.operandSize != 8) {
      handle(block, insn);
      afterTerminalHandler();
      return;
    }
    int at = block.pageOffset + insn.offset;
    pushRip(next);
    code.lstore(Locals.TEMP_A);
    stack.pushTemp(at);
    exitTo(next + insn.immediate);
  }

  private void ret(Block block, Insn insn) {
    if (!wide || insn.operandSize != 8) {
      handle(block, insn);
      afterTerminalHandler();
      return;
    }
    stack.peekStack(block.pageOffset + insn.offset);
    code.aload(Locals.CPU).lload(Locals.TEMP_A);
    code.invokestatic(Names.RUNTIME, "canonical", Names.CPU_LONG_TO_LONG);
    code.lstore(Locals.RIP);
    code.lload(Locals.TEMP_ADDRESS).loadConstant(8 + insn.immediate).ladd();
    code.lstore(Locals.guest(4));
    code.goto_(exit);
  }

  private void jumpIndirect(Block block, Insn insn) {
    boolean knows =
        wide
            && insn.operandSize == 8
            && (insn.kind0 == OperandKind.GPR || insn.kind0 == OperandKind.MEMORY);
    if (!knows) {
      handle(block, insn);
      afterTerminalHandler();
      return;
    }
    int at = block.pageOffset + insn.offset;
    emitter.mark(at);
    emitter.read(insn, 0, 8, at);
    code.lstore(Locals.TEMP_A);
    code.aload(Locals.CPU).lload(Locals.TEMP_A);
    code.invokestatic(Names.RUNTIME, "canonical", Names.CPU_LONG_TO_LONG);
    code.lstore(Locals.RIP).goto_(exit);
  }

  // Handlers.

  private void handle(Block block, Insn insn) {
    emitter.mark(block.pageOffset + insn.offset);
    closeGuarded();
    writeBack(changed);
    writeBackFlags();
    Label from = code.newLabel();
    Label to = code.newLabel();
    code.labelBinding(from);
    callHandler(block, insn);
    code.labelBinding(to);
    handled.add(new Label[] {from, to});
    guardedFrom = code.newLabel();
    if (!insn.operation.endsBlock()) {
      reload(used);
      reloadFlags();
    }
    code.labelBinding(guardedFrom);
    code.nop();
    emitter.flagKind = Emitter.UNKNOWN;
  }

  /** Calls a handler that touches only the registers of its operands; the others stay in locals. */
  private void handleConfined(Block block, Insn insn) {
    emitter.mark(block.pageOffset + insn.offset);
    boolean flags = Effects.touchesFlags(insn);
    writeBack((Effects.reads(insn) | Effects.writes(insn)) & changed);
    if (flags || Effects.flagsRead(insn) != 0) {
      writeBackFlags();
    }
    callHandler(block, insn);
    reload(Effects.writes(insn) & used);
    if (flags) {
      reloadFlags();
      emitter.flagKind = Emitter.UNKNOWN;
    }
    if (insn.kind0 == OperandKind.MEMORY || insn.operation == Operation.PUSHF) {
      leaveIfOverwritten(block, insn);
    }
  }

  private void callHandler(Block block, Insn insn) {
    int number = left.size();
    left.add(insn);
    code.aload(Locals.REGION).aload(Locals.CPU).loadConstant(number);
    code.lload(Locals.BASE).loadConstant((long) block.pageOffset).ladd();
    code.invokevirtual(Names.REGION, "handle", Names.HANDLE);
  }

  /** A handler that ends a block has set RIP and all state. */
  private void afterTerminalHandler() {
    addCount();
    code.return_();
  }

  private void closeGuarded() {
    Label to = code.newLabel();
    code.nop().labelBinding(to);
    guarded.add(new Label[] {guardedFrom, to});
  }

  // State.

  private void reload(long set) {
    for (int bit = 0; bit < GuestRegisters.COUNT; bit++) {
      if ((set >>> bit & 1) == 0) {
        continue;
      }
      if (GuestRegisters.isGeneral(bit)) {
        code.aload(Locals.REGISTERS).loadConstant(bit).laload().lstore(Locals.guest(bit));
      } else {
        int slot = GuestRegisters.xmmSlot(bit);
        code.aload(Locals.VECTORS).loadConstant(slot).laload();
        if ((slot & 1) == 0) {
          emitter.writeXmmLow(slot / 2);
        } else {
          emitter.writeXmmHigh(slot / 2);
        }
      }
    }
  }

  private void reloadFlags() {
    code.aload(Locals.CPU).getfield(Names.CPU, "flagKind", CD_int).istore(Locals.FLAG_KIND);
    code.aload(Locals.CPU).getfield(Names.CPU, "flagResult", CD_long).lstore(Locals.FLAG_RESULT);
    code.aload(Locals.CPU).getfield(Names.CPU, "flagSource", CD_long).lstore(Locals.FLAG_SOURCE);
  }

  private void writeBack(long set) {
    for (int bit = 0; bit < GuestRegisters.COUNT; bit++) {
      if ((set >>> bit & 1) == 0) {
        continue;
      }
      if (GuestRegisters.isGeneral(bit)) {
        code.aload(Locals.REGISTERS).loadConstant(bit).lload(Locals.guest(bit)).lastore();
      } else {
        int slot = GuestRegisters.xmmSlot(bit);
        code.aload(Locals.VECTORS).loadConstant(slot);
        if ((slot & 1) == 0) {
          emitter.readXmmLow(slot / 2);
        } else {
          emitter.readXmmHigh(slot / 2);
        }
        code.lastore();
      }
    }
  }

  private void writeBackFlags() {
    code.aload(Locals.CPU).iload(Locals.FLAG_KIND).putfield(Names.CPU, "flagKind", CD_int);
    code.aload(Locals.CPU).lload(Locals.FLAG_RESULT).putfield(Names.CPU, "flagResult", CD_long);
    code.aload(Locals.CPU).lload(Locals.FLAG_SOURCE).putfield(Names.CPU, "flagSource", CD_long);
  }

  private void addCount() {
    code.aload(Locals.CPU).dup().getfield(Names.CPU, "instructions", CD_long);
    code.lload(Locals.COUNT).ladd().putfield(Names.CPU, "instructions", CD_long);
  }

  private void leaveByFault() {
    code.aload(Locals.CPU);
    code.lload(Locals.BASE).iload(Locals.PC).i2l().ladd();
    if (!wide) {
      code.loadConstant(MASK_32).land();
    }
    code.putfield(Names.CPU, "rip", CD_long);
    addCount();
    code.aload(Locals.FAULT).athrow();
  }
}
