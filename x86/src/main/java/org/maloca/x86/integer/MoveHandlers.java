package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Moves, extensions, conditional moves and address computation (AMD APM vol. 3). */
final class MoveHandlers {
  private static final int SAHF_FLAGS = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;

  private MoveHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOV, MoveHandlers::mov);
    table.put(Operation.MOVNTI, MoveHandlers::mov);
    table.put(Operation.MOVZX, MoveHandlers::movzx);
    table.put(Operation.MOVSX, MoveHandlers::movsx);
    table.put(Operation.MOVSXD, MoveHandlers::movsx);
    table.put(Operation.BSWAP, MoveHandlers::bswap);
    table.put(Operation.MOVBE, MoveHandlers::movbe);
    table.put(Operation.LEA, MoveHandlers::lea);
    table.put(Operation.CBW, MoveHandlers::cbw);
    table.put(Operation.CWD, MoveHandlers::cwd);
    table.put(Operation.XLAT, MoveHandlers::xlat);
    table.put(Operation.LAHF, MoveHandlers::lahf);
    table.put(Operation.SAHF, MoveHandlers::sahf);
    table.put(Operation.SETCC, MoveHandlers::setcc);
    table.put(Operation.CMOVCC, MoveHandlers::cmovcc);
  }

  private static void mov(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.GPR) {
      cpu.setGpr(insn.register0, size, cpu.read(insn, 1, size));
    } else {
      cpu.write(insn, 0, size, cpu.read(insn, 1, size));
    }
  }

  private static void movzx(Cpu cpu, Insn insn) {
    cpu.setGpr(insn.register0, insn.operandSize, cpu.read(insn, 1, insn.sourceSize));
  }

  private static void movsx(Cpu cpu, Insn insn) {
    int sourceSize = insn.sourceSize;
    long value = Cpu.signExtend(cpu.read(insn, 1, sourceSize), sourceSize);
    cpu.setGpr(insn.register0, insn.operandSize, value);
  }

  private static void bswap(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    // Of 16 bits it is undefined; processors give 0.
    long result = size == 2 ? 0 : reverse(cpu.gpr(insn.register0, size), size);
    cpu.setGpr(insn.register0, size, result);
  }

  private static void movbe(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.write(insn, 0, size, reverse(cpu.read(insn, 1, size), size));
  }

  private static long reverse(long value, int size) {
    return Long.reverseBytes(value) >>> 64 - 8 * size;
  }

  private static void lea(Cpu cpu, Insn insn) {
    cpu.setGpr(insn.register0, insn.operandSize, cpu.effectiveOffset(insn));
  }

  private static void cbw(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.setGpr(Cpu.RAX, size, Cpu.signExtend(cpu.rax, size / 2));
  }

  private static void cwd(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.setGpr(Cpu.RDX, size, Cpu.signExtend(cpu.rax, size) >> 63);
  }

  private static void xlat(Cpu cpu, Insn insn) {
    long offset = cpu.rbx + (cpu.rax & 0xff);
    long address = cpu.linear(insn.segment, Cpu.zeroExtend(offset, insn.addressSize), 1, false);
    cpu.setGpr(Cpu.RAX, 1, cpu.mmu.load8(address));
  }

  private static void lahf(Cpu cpu, Insn insn) {
    long flags = cpu.arithmeticFlags() & SAHF_FLAGS | 2;
    cpu.rax = cpu.rax & ~0xff00L | flags << 8;
  }

  private static void sahf(Cpu cpu, Insn insn) {
    int image = (int) (cpu.rax >>> 8);
    cpu.setArithmeticFlags(cpu.arithmeticFlags() & Flags.OF | image & SAHF_FLAGS);
  }

  private static void setcc(Cpu cpu, Insn insn) {
    cpu.write(insn, 0, 1, cpu.condition(insn.condition) ? 1 : 0);
  }

  private static void cmovcc(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    // The source is read whatever the condition, and the upper half is cleared even if it fails.
    long source = cpu.read(insn, 1, size);
    int destination = insn.register0;
    cpu.setGpr(destination, size, cpu.condition(insn.condition) ? source : cpu.gpr(destination));
  }
}
