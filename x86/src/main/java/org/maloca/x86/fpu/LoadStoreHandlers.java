package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.ir.X87Format;
import org.maloca.x86.softfloat.Constant80;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.PackedBcd;

/** x87 loads, stores, constants and FXCH (Intel SDM vol. 1, 8.3.3 and 8.3.4). */
final class LoadStoreHandlers {
  private static final int FLOAT32_INDEFINITE = 0xffc0_0000;
  private static final long FLOAT64_INDEFINITE = 0xfff8_0000_0000_0000L;
  private static final int BCD_INDEFINITE_HIGH = 0xffff;
  private static final long BCD_INDEFINITE_LOW = 0xc000_0000_0000_0000L;

  private LoadStoreHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.FLD, LoadStoreHandlers::load);
    table.put(Operation.FILD, LoadStoreHandlers::load);
    table.put(Operation.FBLD, LoadStoreHandlers::loadBcd);
    table.put(Operation.FST, LoadStoreHandlers::store);
    table.put(Operation.FIST, (cpu, insn) -> storeInteger(cpu, insn, false));
    table.put(Operation.FISTTP, (cpu, insn) -> storeInteger(cpu, insn, true));
    table.put(Operation.FBSTP, LoadStoreHandlers::storeBcd);
    table.put(Operation.FXCH, LoadStoreHandlers::exchange);
    constant(table, Operation.FLD1, Constant80.ONE);
    constant(table, Operation.FLDL2T, Constant80.LOG2_10);
    constant(table, Operation.FLDL2E, Constant80.LOG2_E);
    constant(table, Operation.FLDPI, Constant80.PI);
    constant(table, Operation.FLDLG2, Constant80.LOG10_2);
    constant(table, Operation.FLDLN2, Constant80.LN_2);
    constant(table, Operation.FLDZ, Constant80.ZERO);
  }

  private static void constant(HandlerTable table, Operation operation, Constant80 constant) {
    table.put(
        operation,
        (cpu, insn) -> {
          X87State x87 = X87Unit.begin(cpu);
          X87Unit.note(cpu, insn);
          constant.load(x87.env);
          X87Unit.setC1(x87, false);
          X87Unit.push(x87, x87.env.signExp, x87.env.mantissa);
        });
  }

  private static void load(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    if (X87Unit.fromMemory(insn, 0)) {
      X87Unit.loadOperand(cpu, insn, false);
      X87Unit.note(cpu, insn);
      if (!x87.isEmpty(7)) {
        X87Unit.push(x87, 0, 0);
        return;
      }
      env.roundedUp = false;
      boolean stopped = X87Unit.merge(x87);
      // A denormal is loaded though its exception is not masked.
      if (!stopped || (env.unmasked() & FloatEnv.IE) == 0) {
        X87Unit.push(x87, env.signExp, env.mantissa);
      }
      return;
    }
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    if (x87.isEmpty(insn.register0)) {
      if (X87Unit.stackFault(x87, false)) {
        x87.top = x87.top - 1 & 7;
        X87Unit.writeIndefinite(x87, 0);
      }
      return;
    }
    int signExponent = X87Unit.signExponent(x87, insn.register0);
    long mantissa = X87Unit.mantissa(x87, insn.register0);
    X87Unit.push(x87, signExponent, mantissa);
  }

  private static void loadBcd(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    long va = X87Unit.address80(cpu, insn, false);
    long low = cpu.mmu.load64(va);
    int high = cpu.mmu.load16(X87Unit.second(cpu, va, 8));
    X87Unit.note(cpu, insn);
    PackedBcd.load(high, low, x87.env);
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, x87.env.signExp, x87.env.mantissa);
  }

  private static void store(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    if (!X87Unit.fromMemory(insn, 0)) {
      storeToRegister(cpu, insn, x87);
      return;
    }
    if (insn.x87Format == X87Format.FLOAT80) {
      store80(cpu, insn, x87);
      return;
    }
    int size = insn.x87Format.bytes();
    long va = cpu.linear(insn, size, true);
    cpu.mmu.probeWrite(va, size);
    X87Unit.note(cpu, insn);
    boolean single = insn.x87Format == X87Format.FLOAT32;
    long bits;
    if (x87.isEmpty(0)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      bits = single ? FLOAT32_INDEFINITE : FLOAT64_INDEFINITE;
    } else {
      int signExponent = X87Unit.signExponent(x87, 0);
      long mantissa = X87Unit.mantissa(x87, 0);
      bits =
          single
              ? Float80.toFloat32(signExponent, mantissa, x87.env)
              : Float80.toFloat64(signExponent, mantissa, x87.env);
      if (X87Unit.mergeForStore(x87)) {
        return;
      }
    }
    cpu.mmu.store(va, size, bits);
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void storeToRegister(Cpu cpu, Insn insn, X87State x87) {
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    if (x87.isEmpty(0)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      X87Unit.writeIndefinite(x87, insn.register0);
    } else {
      X87Unit.write(x87, insn.register0, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0));
    }
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void store80(Cpu cpu, Insn insn, X87State x87) {
    long va = X87Unit.address80(cpu, insn, true);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    if (x87.isEmpty(0)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      X87Unit.store80(cpu, va, Float80.INDEFINITE_SIGN_EXP, Float80.INDEFINITE_MANTISSA);
    } else {
      X87Unit.store80(cpu, va, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0));
    }
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void storeInteger(Cpu cpu, Insn insn, boolean truncating) {
    X87State x87 = X87Unit.begin(cpu);
    int size = insn.x87Format.bytes();
    long va = cpu.linear(insn, size, true);
    cpu.mmu.probeWrite(va, size);
    X87Unit.note(cpu, insn);
    int bits = size * 8;
    long value;
    if (x87.isEmpty(0)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      value = 1L << bits - 1;
    } else {
      int signExponent = X87Unit.signExponent(x87, 0);
      long mantissa = X87Unit.mantissa(x87, 0);
      value =
          truncating
              ? Float80.toIntTruncating(signExponent, mantissa, bits, x87.env)
              : Float80.toInt(signExponent, mantissa, bits, x87.env);
      if (X87Unit.mergeForStore(x87)) {
        return;
      }
    }
    cpu.mmu.store(va, size, value);
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void storeBcd(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    long va = X87Unit.address80(cpu, insn, true);
    X87Unit.note(cpu, insn);
    if (x87.isEmpty(0)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      X87Unit.store80(cpu, va, BCD_INDEFINITE_HIGH, BCD_INDEFINITE_LOW);
    } else {
      PackedBcd.store(X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), x87.env);
      if (X87Unit.mergeForStore(x87)) {
        return;
      }
      X87Unit.store80(cpu, va, x87.env.signExp, x87.env.mantissa);
    }
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void exchange(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    int other = insn.register0;
    if (x87.isEmpty(0) || x87.isEmpty(other)) {
      if (!X87Unit.stackFault(x87, false)) {
        return;
      }
      if (x87.isEmpty(0)) {
        X87Unit.writeIndefinite(x87, 0);
      }
      if (x87.isEmpty(other)) {
        X87Unit.writeIndefinite(x87, other);
      }
    }
    int signExponent = X87Unit.signExponent(x87, 0);
    long mantissa = X87Unit.mantissa(x87, 0);
    X87Unit.write(x87, 0, X87Unit.signExponent(x87, other), X87Unit.mantissa(x87, other));
    X87Unit.write(x87, other, signExponent, mantissa);
  }
}
