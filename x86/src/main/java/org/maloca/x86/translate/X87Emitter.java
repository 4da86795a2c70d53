package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.fpu.X87Unit;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * Calls the methods that x87 instructions are made of, without taking instructions apart at run
 * time. Registers stay in {@link org.maloca.x86.fpu.X87State}.
 */
final class X87Emitter implements InsnEmitter {
  private static final ClassDesc STATE = fpu("X87State");
  static final ClassDesc UNIT = fpu("X87Unit");
  private static final ClassDesc ARITHMETIC = fpu("X87Arithmetic");
  private static final ClassDesc OPERANDS = fpu("X87Operands");
  private static final ClassDesc COMPARISON = fpu("X87Comparison");
  private static final ClassDesc LOADS = fpu("X87Loads");
  private static final ClassDesc STORES = fpu("X87Stores");
  private static final ClassDesc REGISTERS = fpu("X87Registers");
  private static final ClassDesc FUNCTIONS = fpu("X87Functions");

  private static final MethodTypeDesc BEGIN = MethodTypeDesc.of(STATE, Names.CPU);
  private static final MethodTypeDesc AWAIT = MethodTypeDesc.of(CD_void, Names.CPU);
  private static final MethodTypeDesc NOTE = MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_long);
  static final MethodTypeDesc NOTE_WITH_DATA =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_long, CD_long, CD_int);
  private static final MethodTypeDesc OF_CPU = MethodTypeDesc.of(CD_void, Names.CPU);
  private static final MethodTypeDesc OF_INT = MethodTypeDesc.of(CD_void, Names.CPU, CD_int);
  private static final MethodTypeDesc OF_TWO_INTS =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_int);
  private static final MethodTypeDesc OF_THREE_INTS =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_int, CD_int);
  private static final MethodTypeDesc OF_INT_LONG =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_long);
  private static final MethodTypeDesc OF_ADDRESS = MethodTypeDesc.of(CD_void, Names.CPU, CD_long);
  private static final MethodTypeDesc COMPARE =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_boolean, CD_int);
  private static final MethodTypeDesc COMPARE_TO_FLAGS =
      MethodTypeDesc.of(CD_int, Names.CPU, CD_int, CD_boolean, CD_int);
  private static final MethodTypeDesc MOVE_IF =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_int, CD_boolean);
  private static final MethodTypeDesc STORE =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_long, CD_int);
  private static final MethodTypeDesc STORE_SIZED =
      MethodTypeDesc.of(CD_void, Names.CPU, CD_long, CD_int, CD_int);
  private static final MethodTypeDesc STATUS_WORD = MethodTypeDesc.of(CD_int);
  private static final MethodTypeDesc SET_CONTROL = MethodTypeDesc.of(CD_void, CD_int);

  private static final int ONE_SIGN_EXPONENT = 0x3fff;
  private static final int RAX = 0;

  private final Emitter emitter;
  private final MethodCode code;

  X87Emitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  private static ClassDesc fpu(String name) {
    return ClassDesc.of("org.maloca.x86.fpu", name);
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case FLD, FILD, FST, FIST, FISTTP, FXCH, FADD, FMUL, FSUB, FSUBR, FDIV, FDIVR -> true;
      case FCOM, FUCOM, FICOM, FCOMI, FUCOMI, FTST, FXAM, FCHS, FABS, FLD1, FLDZ -> true;
      case FCMOVB, FCMOVE, FCMOVBE, FCMOVU, FCMOVNB, FCMOVNE, FCMOVNBE, FCMOVNU -> true;
      case FSQRT, FRNDINT, FWAIT, FLDCW, FNSTCW, FNSTSW -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    emitter.mark(at);
    switch (insn.operation) {
      case FWAIT -> code.aload(Locals.CPU).invokestatic(UNIT, "await", AWAIT);
      case FLDCW, FNSTCW, FNSTSW -> control(insn, at);
      default -> {
        execute(insn, at);
        note(insn, at);
      }
    }
  }

  private void execute(Insn insn, int at) {
    switch (insn.operation) {
      case FLD, FILD -> load(insn, at);
      case FST, FIST, FISTTP -> store(insn, at);
      case FADD -> arithmetic(insn, at, "add");
      case FMUL -> arithmetic(insn, at, "mul");
      case FSUB -> arithmetic(insn, at, "sub");
      case FSUBR -> arithmetic(insn, at, "subReversed");
      case FDIV -> arithmetic(insn, at, "div");
      case FDIVR -> arithmetic(insn, at, "divReversed");
      case FCOM, FUCOM, FICOM -> compare(insn, at);
      case FCOMI, FUCOMI -> compareToFlags(insn);
      case FXCH -> {
        cpu().loadConstant((int) insn.register0);
        code.invokestatic(REGISTERS, "exchange", OF_INT);
      }
      case FTST -> unary(COMPARISON, "testAgainstZero");
      case FXAM -> unary(FUNCTIONS, "examine");
      case FSQRT -> unary(FUNCTIONS, "squareRoot");
      case FRNDINT -> unary(FUNCTIONS, "roundToIntegral");
      case FCHS -> unary(REGISTERS, "changeSign");
      case FABS -> unary(REGISTERS, "clearSign");
      case FLD1 -> loadExact(ONE_SIGN_EXPONENT, Long.MIN_VALUE);
      case FLDZ -> loadExact(0, 0);
      default -> moveIf(insn);
    }
  }

  private MethodCode cpu() {
    return code.aload(Locals.CPU);
  }

  /** Remembers the instruction, which has been executed, for an exception handler. */
  private void note(Insn insn, int at) {
    int opcode = X87Unit.opcode(insn);
    if (!emitter.inMemory) {
      code.loadConstant(opcode).istore(Locals.X87_OPCODE);
      code.loadConstant(at).istore(Locals.X87_AT);
      if (insn.hasMemory()) {
        code.lload(Locals.TEMP_C).lstore(Locals.X87_DATA);
        code.loadConstant((int) insn.segment).istore(Locals.X87_SEGMENT);
      }
      return;
    }
    cpu().loadConstant(opcode);
    emitter.pushRip(at);
    if (insn.hasMemory()) {
      code.lload(Locals.TEMP_C).loadConstant((int) insn.segment);
      code.invokestatic(UNIT, "note", NOTE_WITH_DATA);
    } else {
      code.invokestatic(UNIT, "note", NOTE);
    }
  }

  /** Pushes the CPU and the memory operand's address; leaves its offset in TEMP_C. */
  private void address(Insn insn, int at) {
    emitter.offset(insn, at);
    code.lstore(Locals.TEMP_C);
    cpu().lload(Locals.TEMP_C);
    emitter.addSegmentBase(insn);
  }

  private void load(Insn insn, int at) {
    if (insn.kind0 == OperandKind.MEMORY) {
      address(insn, at);
      code.invokestatic(LOADS, format(insn), OF_ADDRESS);
    } else {
      cpu().loadConstant((int) insn.register0).invokestatic(LOADS, "register", OF_INT);
    }
  }

  /** The name of the methods that take a memory operand of the instruction's format. */
  private static String format(Insn insn) {
    return switch (insn.x87Format) {
      case FLOAT32 -> "float32";
      case FLOAT64 -> "float64";
      case FLOAT80 -> "extended";
      case INT16 -> "int16";
      case INT32 -> "int32";
      default -> "int64";
    };
  }

  private void store(Insn insn, int at) {
    if (insn.kind0 != OperandKind.MEMORY) {
      cpu().loadConstant((int) insn.register0).loadConstant((int) insn.x87Pops);
      code.invokestatic(REGISTERS, "store", OF_TWO_INTS);
      return;
    }
    address(insn, at);
    if (insn.operation == Operation.FST) {
      code.loadConstant((int) insn.x87Pops).invokestatic(STORES, format(insn), STORE);
    } else {
      code.loadConstant(insn.x87Format.bytes()).loadConstant((int) insn.x87Pops);
      String name = insn.operation == Operation.FISTTP ? "truncated" : "integer";
      code.invokestatic(STORES, name, STORE_SIZED);
    }
  }

  /** Begins an instruction with its memory operand. */
  private void operand(Insn insn, int at) {
    address(insn, at);
    code.invokestatic(OPERANDS, format(insn), OF_ADDRESS);
  }

  private void arithmetic(Insn insn, int at, String name) {
    if (insn.kind1 == OperandKind.MEMORY) {
      operand(insn, at);
      cpu().invokestatic(ARITHMETIC, name + "Operand", OF_CPU);
    } else {
      cpu().loadConstant((int) insn.register0).loadConstant((int) insn.register1);
      code.loadConstant((int) insn.x87Pops);
      code.invokestatic(ARITHMETIC, name, OF_THREE_INTS);
    }
  }

  private void compare(Insn insn, int at) {
    if (insn.kind1 == OperandKind.MEMORY) {
      operand(insn, at);
      cpu().loadConstant((int) insn.x87Pops);
      code.invokestatic(COMPARISON, "compareOperand", OF_INT);
    } else {
      cpu().loadConstant((int) insn.register1);
      code.loadConstant(insn.operation == Operation.FCOM ? 1 : 0);
      code.loadConstant((int) insn.x87Pops);
      code.invokestatic(COMPARISON, "compare", COMPARE);
    }
  }

  private void compareToFlags(Insn insn) {
    cpu().loadConstant((int) insn.register1);
    code.loadConstant(insn.operation == Operation.FCOMI ? 1 : 0);
    code.loadConstant((int) insn.x87Pops);
    code.invokestatic(COMPARISON, "compareToFlags", COMPARE_TO_FLAGS);
    code.i2l();
    emitter.setKnownFlags();
  }

  private void unary(ClassDesc owner, String name) {
    cpu().invokestatic(owner, name, OF_CPU);
  }

  private void loadExact(int signExponent, long mantissa) {
    cpu().loadConstant(signExponent).loadConstant(mantissa);
    code.invokestatic(REGISTERS, "loadExact", OF_INT_LONG);
  }

  private void moveIf(Insn insn) {
    Label holds = code.newLabel();
    Label done = code.newLabel();
    cpu().loadConstant((int) insn.register1);
    emitter.branchIf(condition(insn.operation), holds);
    code.iconst_0().goto_(done).labelBinding(holds).iconst_1().labelBinding(done);
    code.invokestatic(REGISTERS, "moveIf", MOVE_IF);
  }

  private static int condition(Operation operation) {
    return switch (operation) {
      case FCMOVB -> 2;
      case FCMOVNB -> 3;
      case FCMOVE -> 4;
      case FCMOVNE -> 5;
      case FCMOVBE -> 6;
      case FCMOVNBE -> 7;
      case FCMOVU -> 10;
      default -> 11;
    };
  }

  /** Control words; these instructions are not remembered. */
  private void control(Insn insn, int at) {
    if (insn.operation == Operation.FLDCW) {
      cpu().invokestatic(UNIT, "begin", BEGIN);
      emitter.mmu();
      emitter.address(insn, at);
      code.invokevirtual(Names.MMU, "load16", Names.LONG_TO_INT);
      code.invokevirtual(STATE, "setControl", SET_CONTROL);
      return;
    }
    code.aload(Locals.CPU).invokestatic(UNIT, "beginControl", BEGIN);
    if (insn.operation == Operation.FNSTSW) {
      code.invokevirtual(STATE, "statusWord", STATUS_WORD);
    } else {
      code.getfield(STATE, "control", CD_int);
    }
    if (insn.kind0 == OperandKind.MEMORY) {
      code.istore(Locals.FAULT);
      emitter.mmu();
      emitter.address(insn, at);
      code.iload(Locals.FAULT);
      code.invokevirtual(Names.MMU, "store16", Names.LONG_INT_TO_VOID);
    } else {
      code.i2l();
      emitter.writeGuest(RAX, 2);
    }
  }
}
