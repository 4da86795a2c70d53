package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** The bit manipulation of BMI1 and BMI2 (AMD APM vol. 3), undefined flags as on AMD's silicon. */
final class BitFieldHandlers {
  private BitFieldHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.ANDN, BitFieldHandlers::andn);
    table.put(Operation.BEXTR, BitFieldHandlers::bextr);
    table.put(Operation.BLSI, BitFieldHandlers::blsi);
    table.put(Operation.BLSR, BitFieldHandlers::blsr);
    table.put(Operation.BLSMSK, BitFieldHandlers::blsmsk);
    table.put(Operation.BZHI, BitFieldHandlers::bzhi);
    table.put(Operation.PDEP, BitFieldHandlers::pdep);
    table.put(Operation.PEXT, BitFieldHandlers::pext);
  }

  private static void andn(Cpu cpu, Insn insn) {
    finish(cpu, insn, ~cpu.read(insn, 1) & cpu.read(insn, 2), 0);
  }

  private static void bextr(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    int control = (int) cpu.read(insn, 2);
    long result = BitField.extract(source, control);
    cpu.setGpr(insn.register0, insn.operandSize, result);
    cpu.setArithmeticFlags(BitField.flagsOfExtract(result));
  }

  private static void bzhi(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    int count = (int) cpu.read(insn, 2) & 0xff;
    boolean beyond = count >= 8 * insn.operandSize;
    finish(cpu, insn, BitField.lowBits(source, count), beyond ? Flags.CF : 0);
  }

  private static void blsi(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    finish(cpu, insn, source & -source, source != 0 ? Flags.CF : 0);
  }

  private static void blsr(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    finish(cpu, insn, source & source - 1, source == 0 ? Flags.CF : 0);
  }

  private static void blsmsk(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    finish(cpu, insn, source ^ source - 1, source == 0 ? Flags.CF : 0);
  }

  private static void finish(Cpu cpu, Insn insn, long result, int carries) {
    cpu.setGpr(insn.register0, insn.operandSize, result);
    cpu.setLazyFlags(Flags.RESULT_AND_CARRIES, insn.operandSize, result, carries);
  }

  private static void pdep(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    cpu.setGpr(insn.register0, insn.operandSize, Long.expand(source, cpu.read(insn, 2)));
  }

  private static void pext(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    cpu.setGpr(insn.register0, insn.operandSize, Long.compress(source, cpu.read(insn, 2)));
  }
}
