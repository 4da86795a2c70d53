package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Constant80;
import org.maloca.x86.softfloat.PackedBcd;

/** x87 loads, stores, constants and FXCH (Intel SDM vol. 1, 8.3.3 and 8.3.4). */
final class LoadStoreHandlers {
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
          X87Registers.loadConstant(cpu, constant);
          X87Unit.note(cpu, insn);
        });
  }

  private static void load(Cpu cpu, Insn insn) {
    if (X87Unit.fromMemory(insn, 0)) {
      X87State ignored = X87Unit.begin(cpu);
      long va = cpu.linear(insn, insn.x87Format.bytes(), false);
      switch (insn.x87Format) {
        case FLOAT32 -> X87Loads.float32(cpu, va);
        case FLOAT64 -> X87Loads.float64(cpu, va);
        case FLOAT80 -> X87Loads.extended(cpu, va);
        case INT16 -> X87Loads.int16(cpu, va);
        case INT32 -> X87Loads.int32(cpu, va);
        default -> X87Loads.int64(cpu, va);
      }
    } else {
      X87Loads.register(cpu, insn.register0);
    }
    X87Unit.note(cpu, insn);
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
    if (!X87Unit.fromMemory(insn, 0)) {
      X87Registers.store(cpu, insn.register0, insn.x87Pops);
    } else {
      X87State ignored = X87Unit.begin(cpu);
      long va = cpu.linear(insn, insn.x87Format.bytes(), true);
      switch (insn.x87Format) {
        case FLOAT32 -> X87Stores.float32(cpu, va, insn.x87Pops);
        case FLOAT64 -> X87Stores.float64(cpu, va, insn.x87Pops);
        default -> X87Stores.extended(cpu, va, insn.x87Pops);
      }
    }
    X87Unit.note(cpu, insn);
  }

  private static void storeInteger(Cpu cpu, Insn insn, boolean truncating) {
    X87State ignored = X87Unit.begin(cpu);
    int size = insn.x87Format.bytes();
    long va = cpu.linear(insn, size, true);
    if (truncating) {
      X87Stores.truncated(cpu, va, size, insn.x87Pops);
    } else {
      X87Stores.integer(cpu, va, size, insn.x87Pops);
    }
    X87Unit.note(cpu, insn);
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
      boolean stopped = X87Unit.stopsStore(x87);
      boolean ignored = X87Unit.merge(x87);
      if (stopped) {
        return;
      }
      X87Unit.store80(cpu, va, x87.env.signExp, x87.env.mantissa);
    }
    X87Unit.pop(x87, insn.x87Pops);
  }

  private static void exchange(Cpu cpu, Insn insn) {
    X87Registers.exchange(cpu, insn.register0);
    X87Unit.note(cpu, insn);
  }
}
