package org.maloca.x86.translate;

import static org.maloca.x86.translate.VectorOperands.B_LOW;

import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;

/**
 * Bytecode for conversions of scalars between formats: as the host does it, and a check whether
 * that is what MXCSR wants.
 */
final class ConversionEmitter implements InsnEmitter {
  private static final int RESULT = Locals.FREE;

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;
  private final ScalarFormat doubles;
  private final ScalarFormat singles;

  ConversionEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
    doubles = new DoubleFormat(emitter, operands);
    singles = new SingleFormat(emitter, operands);
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case CVTSI2SD, CVTSI2SS, CVTSD2SS, CVTSS2SD -> true;
          case CVTTSD2SI, CVTSD2SI, CVTTSS2SI, CVTSS2SI, ROUNDSD, ROUNDSS -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    emitter.mark(at);
    switch (insn.operation) {
      case CVTSI2SD -> fromInteger(doubles, insn, at);
      case CVTSI2SS -> fromInteger(singles, insn, at);
      case CVTSD2SS -> narrow(insn);
      case CVTSS2SD -> widen(insn);
      case CVTTSD2SI -> toInteger(doubles, insn, true);
      case CVTSD2SI -> toInteger(doubles, insn, false);
      case CVTTSS2SI -> toInteger(singles, insn, true);
      case CVTSS2SI -> toInteger(singles, insn, false);
      case ROUNDSD -> round(doubles, insn);
      default -> round(singles, insn);
    }
  }

  private void fromInteger(ScalarFormat format, Insn insn, int at) {
    boolean isDouble = format == doubles;
    emitter.read(insn, 1, insn.operandSize, at);
    if (insn.operandSize == 4) {
      code.l2i().i2l();
    }
    code.lstore(Locals.TEMP_C);
    code.lload(Locals.TEMP_C);
    if (isDouble) {
      code.l2d();
    } else {
      code.l2f();
    }
    format.store(RESULT);
    boolean mayRound = !isDouble || insn.operandSize == 8;
    if (mayRound && emitter.exactness.leaves()) {
      new CheckedOperands(emitter, operands, format).requireHost();
    } else if (mayRound) {
      code.lload(Locals.TEMP_C).aload(Locals.CPU);
      format.callConversion(isDouble ? "isSafeAsDouble" : "isSafeAsSingle", "(JC)Z");
      emitter.exactness.unlessSafe(() -> {
        code.lload(Locals.TEMP_C).aload(Locals.CPU);
        format.callExact("fromLong", "(JC)T");
        format.store(RESULT);
      });
    }
    format.load(RESULT);
    format.write(insn.register0);
    emitter.xmm.ranges.set(format.slot(insn.register0), 0, 64);
  }

  private void narrow(Insn insn) {
    doubles.loadSource();
    doubles.push(B_LOW);
    code.d2f();
    singles.store(RESULT);
    doubles.push(B_LOW);
    code.aload(Locals.CPU);
    doubles.callConversion("isSafeAsSingle", "(DC)Z");
    emitter.exactness.unlessSafe(() -> {
      doubles.push(B_LOW);
      code.aload(Locals.CPU);
      singles.callExact("fromDouble", "(DC)F");
      singles.store(RESULT);
    });
    singles.load(RESULT);
    singles.write(insn.register0);
    if (emitter.exactness.leaves()) {
      notePlain(singles, insn);
    }
  }

  private void widen(Insn insn) {
    singles.loadSource();
    boolean leaves = emitter.exactness.leaves();
    CheckedOperands checked = new CheckedOperands(emitter, operands, singles);
    if (leaves) {
      checked.requirePlain(B_LOW);
    }
    int low = checked.low(B_LOW);
    int high = checked.high(B_LOW);
    singles.push(B_LOW);
    code.f2d();
    doubles.store(RESULT);
    if (!leaves) {
      singles.push(B_LOW);
      singles.callArithmetic("isPlain", "(F)Z");
      emitter.exactness.unlessSafe(() -> {
        singles.push(B_LOW);
        code.aload(Locals.CPU);
        doubles.callExact("fromSingle", "(FC)D");
        doubles.store(RESULT);
      });
    }
    doubles.load(RESULT);
    doubles.write(insn.register0);
    emitter.xmm.ranges.set(doubles.slot(insn.register0), low, high);
  }

  private void notePlain(ScalarFormat format, Insn insn) {
    emitter.xmm.ranges.set(
        format.slot(insn.register0), format.leastExponent(), format.greatestExponent() + 1);
  }

  private void toInteger(ScalarFormat format, Insn insn, boolean truncate) {
    boolean wide = insn.operandSize == 8;
    String target = (truncate ? "" : "Nearest") + (wide ? "Long" : "Int");
    format.loadSource();
    format.push(B_LOW);
    format.widen();
    if (!truncate) {
      code.invokestatic(Names.MATH, "rint", SimdNames.DOUBLE_TO_DOUBLE);
    }
    if (wide) {
      code.d2l();
    } else {
      code.d2i().i2l();
    }
    code.lstore(Locals.TEMP_D);
    format.push(B_LOW);
    code.aload(Locals.CPU);
    format.callConversion("isSafeAs" + target, "(TC)Z");
    emitter.exactness.unlessSafe(() -> {
      format.push(B_LOW);
      code.loadConstant(truncate ? 1 : 0).aload(Locals.CPU);
      if (wide) {
        format.callExact("toLong", "(TZC)J");
      } else {
        format.callExact("toInt", "(TZC)I");
        code.i2l();
      }
      code.lstore(Locals.TEMP_D);
    });
    code.lload(Locals.TEMP_D);
    emitter.writeGuest(insn.register0, insn.operandSize);
  }

  private void round(ScalarFormat format, Insn insn) {
    int control = (int) insn.immediate;
    format.loadSource();
    format.push(B_LOW);
    format.widen();
    code.loadConstant(control);
    format.callConversion("round", "(DI)D");
    if (format == singles) {
      code.d2f();
    }
    format.store(RESULT);
    format.push(B_LOW);
    code.loadConstant(control).aload(Locals.CPU);
    format.callConversion("isSafelyRounded", "(TIC)Z");
    emitter.exactness.unlessSafe(() -> {
      format.push(B_LOW);
      code.loadConstant(control).aload(Locals.CPU);
      format.callExact("round", "(TIC)T");
      format.store(RESULT);
    });
    format.load(RESULT);
    format.write(insn.register0);
  }
}
