package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * FLDENV, FNSTENV, FRSTOR, FNSAVE: the x87 environment in its four layouts (Intel SDM vol. 1,
 * figures 8-9 to 8-12): 16 or 32 bits wide, with selectors in protected mode or linear addresses in
 * real.
 */
final class EnvironmentHandlers {
  private static final int REGISTER_BYTES = 10;

  private EnvironmentHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.FNSTENV, EnvironmentHandlers::storeEnvironment);
    table.put(Operation.FLDENV, EnvironmentHandlers::loadEnvironment);
    table.put(Operation.FNSAVE, EnvironmentHandlers::save);
    table.put(Operation.FRSTOR, EnvironmentHandlers::restore);
  }

  private static int environmentBytes(Insn insn) {
    return insn.operandSize == 2 ? 14 : 28;
  }

  /** Faults as AMD's CPUs do: they try the first field and then the last byte. */
  private static void probe(Cpu cpu, Insn insn, long va, int bytes, boolean write) {
    X87Unit.probe(cpu, va, insn.operandSize == 2 ? 2 : 4, write);
    X87Unit.probe(cpu, X87Unit.second(cpu, va, bytes - 1), 1, write);
  }

  private static void storeEnvironment(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    int bytes = environmentBytes(insn);
    long va = cpu.linear(insn, bytes, true);
    probe(cpu, insn, va, bytes, true);
    writeEnvironment(cpu, insn, va);
    // Exceptions are masked in the registers, not in what was stored.
    cpu.x87.setControl(cpu.x87.control | 0x3f);
  }

  private static void loadEnvironment(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    cpu.x87.checkPending(cpu);
    int bytes = environmentBytes(insn);
    long va = cpu.linear(insn, bytes, false);
    probe(cpu, insn, va, bytes, false);
    readEnvironment(cpu, insn, va);
  }

  private static void save(Cpu cpu, Insn insn) {
    X87State x87 = cpu.x87;
    x87.checkAvailable(cpu);
    int environment = environmentBytes(insn);
    int bytes = environment + 8 * REGISTER_BYTES;
    long va = cpu.linear(insn, bytes, true);
    probe(cpu, insn, va, bytes, true);
    writeEnvironment(cpu, insn, va);
    for (int i = 0; i < 8; i++) {
      long at = X87Unit.second(cpu, va, environment + i * REGISTER_BYTES);
      X87Unit.store80(cpu, at, X87Unit.signExponent(x87, i), X87Unit.mantissa(x87, i));
    }
    x87.initialize();
  }

  private static void restore(Cpu cpu, Insn insn) {
    X87State x87 = cpu.x87;
    x87.checkAvailable(cpu);
    x87.checkPending(cpu);
    int environment = environmentBytes(insn);
    int bytes = environment + 8 * REGISTER_BYTES;
    long va = cpu.linear(insn, bytes, false);
    probe(cpu, insn, va, bytes, false);
    readEnvironment(cpu, insn, va);
    for (int i = 0; i < 8; i++) {
      long at = X87Unit.second(cpu, va, environment + i * REGISTER_BYTES);
      int register = x87.physical(i);
      x87.mantissa[register] = cpu.mmu.load64(at);
      x87.signExponent[register] = cpu.mmu.load16(X87Unit.second(cpu, at, 8));
    }
  }

  private static void writeEnvironment(Cpu cpu, Insn insn, long va) {
    X87State x87 = cpu.x87;
    boolean wide = insn.operandSize != 2;
    boolean real = cpu.isRealAddressing();
    long instruction = x87.lastInstruction;
    long data = x87.lastData;
    if (real) {
      instruction += (long) x87.lastInstructionSelector << 4;
      data += (long) x87.lastDataSelector << 4;
    }
    if (wide) {
      put32(cpu, va, 0, x87.control | 0xffff_0000);
      put32(cpu, va, 4, x87.statusWord() | 0xffff_0000);
      put32(cpu, va, 8, x87.tagWord() | 0xffff_0000);
      if (real) {
        put32(cpu, va, 12, (int) instruction & 0xffff | 0xffff_0000);
        put32(cpu, va, 16, (int) (instruction >>> 16 & 0xffff) << 12 | x87.lastOpcode & 0x7ff);
        put32(cpu, va, 20, (int) data & 0xffff | 0xffff_0000);
        put32(cpu, va, 24, (int) (data >>> 16 & 0xffff) << 12);
      } else {
        put32(cpu, va, 12, (int) instruction);
        put32(cpu, va, 16, x87.lastInstructionSelector | (x87.lastOpcode & 0x7ff) << 16);
        put32(cpu, va, 20, (int) data);
        put32(cpu, va, 24, x87.lastDataSelector | 0xffff_0000);
      }
      return;
    }
    put16(cpu, va, 0, x87.control);
    put16(cpu, va, 2, x87.statusWord());
    put16(cpu, va, 4, x87.tagWord());
    put16(cpu, va, 6, (int) instruction);
    put16(cpu, va, 10, (int) data);
    if (real) {
      put16(cpu, va, 8, (int) (instruction >>> 16 & 0xf) << 12 | x87.lastOpcode & 0x7ff);
      put16(cpu, va, 12, (int) (data >>> 16 & 0xf) << 12);
    } else {
      put16(cpu, va, 8, x87.lastInstructionSelector);
      put16(cpu, va, 12, x87.lastDataSelector);
    }
  }

  private static void readEnvironment(Cpu cpu, Insn insn, long va) {
    X87State x87 = cpu.x87;
    boolean wide = insn.operandSize != 2;
    boolean real = cpu.isRealAddressing();
    int step = wide ? 4 : 2;
    int control = get16(cpu, va, 0);
    int status = get16(cpu, va, step);
    int tags = get16(cpu, va, 2 * step);
    long instruction = wide && !real ? get32(cpu, va, 12) : get16(cpu, va, 3 * step);
    int third = wide ? get32(cpu, va, 16) : get16(cpu, va, 8);
    long data = wide && !real ? get32(cpu, va, 20) : get16(cpu, va, 5 * step);
    int fifth = wide ? get32(cpu, va, 24) : get16(cpu, va, 12);
    if (real) {
      x87.lastOpcode = third & 0x7ff;
      x87.lastInstruction = instruction | (third >>> 12 & 0xffffL) << 16;
      x87.lastData = data | (fifth >>> 12 & 0xffffL) << 16;
      x87.lastInstructionSelector = 0;
      x87.lastDataSelector = 0;
    } else {
      x87.lastInstruction = instruction & 0xffff_ffffL;
      x87.lastInstructionSelector = third & 0xffff;
      x87.lastOpcode = wide ? third >>> 16 & 0x7ff : 0;
      x87.lastData = data & 0xffff_ffffL;
      x87.lastDataSelector = fifth & 0xffff;
    }
    x87.setStatusWord(status);
    x87.setControl(control);
    x87.setTagWord(tags);
  }

  private static void put16(Cpu cpu, long va, int offset, int value) {
    cpu.mmu.store16(X87Unit.second(cpu, va, offset), value);
  }

  private static void put32(Cpu cpu, long va, int offset, int value) {
    cpu.mmu.store32(X87Unit.second(cpu, va, offset), value);
  }

  private static int get16(Cpu cpu, long va, int offset) {
    return cpu.mmu.load16(X87Unit.second(cpu, va, offset));
  }

  private static int get32(Cpu cpu, long va, int offset) {
    return cpu.mmu.load32(X87Unit.second(cpu, va, offset));
  }
}
