package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.constant.MethodTypeDesc;
import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for the stack in 64-bit code, and in 32-bit code with a flat 32-bit stack. */
final class StackEmitter implements InsnEmitter {
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int FLAT_STACK_32 = CodeMode.FLAT | CodeMode.STACK_32;
  private static final int NEVER_PUSHED = Flags.RF | Flags.VM;

  private final Emitter emitter;
  private final MethodCode code;

  /** Bytes of a slot. */
  private final int width;

  /** What pushes and pops is called where state is in memory: that is less code. */
  private final boolean calls;

  StackEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
    width = emitter.wide ? 8 : 4;
    calls = emitter.wide && emitter.inMemory;
  }

  private boolean isCalled() {
    return calls && emitter.slot == null;
  }

  /** Whether an instruction pushes and pops whole slots of a stack that is addressed plainly. */
  boolean isPlain(Insn insn) {
    return insn.operandSize == width
        && (emitter.wide || (emitter.mode & FLAT_STACK_32) == FLAT_STACK_32);
  }

  @Override
  public boolean knows(Insn insn) {
    return isPlain(insn)
        && switch (insn.operation) {
          case PUSH, POP -> Emitter.isSimple(insn.kind0) || emitter.hasPlainAddress(insn);
          case ENTER -> (insn.immediate2 & 31) == 0;
          case LEAVE, PUSHF -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case PUSH -> {
        emitter.read(insn, 0, width, at);
        code.lstore(Locals.TEMP_A);
        pushTemp(at);
      }
      case PUSHF -> pushFlags(at);
      case POP -> pop(insn, at);
      case ENTER -> enter(insn, at);
      default -> leave(at);
    }
  }

  /** Stores the value in TEMP_A below the stack pointer, which then moves. */
  void pushTemp(int at) {
    if (isCalled()) {
      emitter.mark(at);
      code.aload(Locals.CPU).lload(Locals.TEMP_A);
      code.invokevirtual(Names.CPU, "pushSlot", Names.LONG_TO_VOID);
      return;
    }
    if (emitter.slot != null) {
      emitter.storeSlotBelow(RSP, Locals.TEMP_A, width, at);
      pushBelow();
    } else {
      storeBelow(at);
      code.lload(Locals.TEMP_ADDRESS);
    }
    emitter.storeGuest(RSP);
  }

  /** Pushes the address of the slot below the stack pointer. */
  private void pushBelow() {
    emitter.readGuest(RSP);
    code.loadConstant((long) width).lsub();
    emitter.zeroExtend(width);
  }

  /** Stores the value in TEMP_A below the stack pointer, to TEMP_ADDRESS. */
  void storeBelow(int at) {
    pushBelow();
    code.lstore(Locals.TEMP_ADDRESS);
    emitter.mark(at);
    emitter.mmu();
    stackAddress();
    code.lload(Locals.TEMP_A);
    emitter.store(width);
  }

  /**
   * Pushes TEMP_ADDRESS. Where that is not canonical the access faults, and leaves it to the
   * interpreter that the fault is the stack's.
   */
  private void stackAddress() {
    code.lload(Locals.TEMP_ADDRESS);
  }

  private void callOfCpu(String method, MethodTypeDesc type, int at) {
    emitter.mark(at);
    code.aload(Locals.CPU).invokevirtual(Names.CPU, method, type);
  }

  /**
   * Takes where to return to from the stack to TEMP_A.
   *
   * @param at offset of the RET
   * @param more bytes that it removes behind the return address
   */
  void popReturn(int at, long more) {
    if (isCalled()) {
      callOfCpu("popReturn", Names.TO_LONG, at);
      code.lstore(Locals.TEMP_A);
      if (more != 0) {
        emitter.readGuest(RSP);
        code.loadConstant(more).ladd();
        emitter.storeGuest(RSP);
      }
      return;
    }
    peekStack(at);
    dropSlot(more);
  }

  /**
   * Faults where what {@link #popReturn} took is not canonical, with the stack pointer as it was.
   */
  void checkReturn(int at, long more) {
    if (!isCalled()) {
      emitter.mark(at);
      code.lload(Locals.TEMP_ADDRESS);
      emitter.storeGuest(RSP);
      emitter.checkTarget(Locals.TEMP_A);
      dropSlot(more);
    }
  }

  /** Leaves what is at the top of the stack in TEMP_A; TEMP_ADDRESS is the stack pointer. */
  void peekStack(int at) {
    peek(RSP, at);
  }

  private void peek(int pointer, int at) {
    emitter.readGuest(pointer);
    emitter.zeroExtend(width);
    code.lstore(Locals.TEMP_ADDRESS);
    if (emitter.slot != null) {
      emitter.loadSlot(pointer, width, at);
    } else {
      emitter.mark(at);
      emitter.mmu();
      stackAddress();
      emitter.load(width);
    }
    code.lstore(Locals.TEMP_A);
  }

  /** Moves the stack pointer past the slot at TEMP_ADDRESS, and so many bytes more. */
  void dropSlot(long more) {
    code.lload(Locals.TEMP_ADDRESS).loadConstant(width + more).ladd();
    emitter.writeGuest(RSP, width);
  }

  private void pop(Insn insn, int at) {
    if (isCalled() && insn.kind0 != OperandKind.MEMORY) {
      callOfCpu("popSlot", Names.TO_LONG, at);
      emitter.writeGuest(insn.register0, width);
      return;
    }
    peekStack(at);
    if (insn.kind0 != OperandKind.MEMORY) {
      dropSlot(0);
      code.lload(Locals.TEMP_A);
      emitter.writeGuest(insn.register0, width);
      return;
    }
    // The destination is addressed with the stack pointer from after the pop, which a fault undoes.
    emitter.readGuest(RSP);
    code.lstore(Locals.TEMP_B);
    dropSlot(0);
    emitter.readGuest(RSP);
    code.lstore(Locals.TEMP_C);
    emitter.address(insn, at);
    code.lstore(Locals.TEMP_ADDRESS);
    code.lload(Locals.TEMP_B);
    emitter.storeGuest(RSP);
    // What was popped may have shared a look at the TLB with others, which marks nothing.
    emitter.mark(at);
    emitter.mmu();
    code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
    emitter.store(width);
    code.lload(Locals.TEMP_C);
    emitter.storeGuest(RSP);
  }

  private void pushFlags(int at) {
    emitter.pushFlags();
    code.invokestatic(Names.FLAGS, "compute", Names.LAZY_TO_INT);
    code.aload(Locals.CPU).getfield(Names.CPU, "systemFlags", CD_int).ior();
    code.loadConstant(~NEVER_PUSHED).iand().i2l();
    code.lstore(Locals.TEMP_A);
    pushTemp(at);
  }

  /** Without a display of frames. The new top must be writable, or the frame is refused. */
  private void enter(Insn insn, int at) {
    emitter.readGuest(RBP);
    code.lstore(Locals.TEMP_A);
    storeBelow(at);
    code.lload(Locals.TEMP_ADDRESS).lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_ADDRESS).loadConstant(insn.immediate & 0xffff).lsub();
    emitter.zeroExtend(width);
    code.lstore(Locals.TEMP_ADDRESS);
    emitter.mmu();
    stackAddress();
    code.loadConstant(width);
    code.invokevirtual(Names.MMU, "probeWrite", Names.LONG_INT_TO_VOID);
    code.lload(Locals.TEMP_A);
    emitter.storeGuest(RBP);
    code.lload(Locals.TEMP_ADDRESS);
    emitter.storeGuest(RSP);
  }

  private void leave(int at) {
    if (isCalled()) {
      callOfCpu("leaveFrame", Names.TO_VOID, at);
      return;
    }
    peek(RBP, at);
    code.lload(Locals.TEMP_A);
    emitter.storeGuest(RBP);
    dropSlot(0);
  }
}
