package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.mmu.AtomicUpdate;
import org.maloca.x86.mmu.Mmu;

/** XCHG, XADD and the CMPXCHG family (AMD APM vol. 3). */
final class ExchangeHandlers {
  private ExchangeHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.XCHG, ExchangeHandlers::xchg);
    table.put(Operation.XADD, ExchangeHandlers::xadd);
    table.put(Operation.CMPXCHG, ExchangeHandlers::cmpxchg);
    table.put(Operation.CMPXCHG8B, ExchangeHandlers::cmpxchg8b);
    table.put(Operation.CMPXCHG16B, ExchangeHandlers::cmpxchg16b);
  }

  /** With memory it is atomic, LOCK or not; the decoder may have either operand be the memory. */
  private static void xchg(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.MEMORY) {
      cpu.write(insn, 1, size, swap(cpu, insn, size, cpu.read(insn, 1, size)));
    } else if (insn.kind1 == OperandKind.MEMORY) {
      cpu.write(insn, 0, size, swap(cpu, insn, size, cpu.read(insn, 0, size)));
    } else {
      long first = cpu.read(insn, 0, size);
      long second = cpu.read(insn, 1, size);
      cpu.write(insn, 0, size, second);
      cpu.write(insn, 1, size, first);
    }
  }

  private static long swap(Cpu cpu, Insn insn, int size, long value) {
    return AtomicUpdate.exchange(cpu.mmu, cpu.linear(insn, size, true), size, value);
  }

  private static void xadd(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long addend = cpu.read(insn, 1, size);
    long before;
    if (insn.kind0 == OperandKind.MEMORY) {
      before = addToMemory(cpu, insn, size, addend);
      cpu.write(insn, 1, size, before);
    } else {
      before = cpu.read(insn, 0, size);
      cpu.write(insn, 1, size, before);
      // The sum comes last: it is what remains when both operands are one register.
      cpu.write(insn, 0, size, before + addend);
    }
    cpu.setLazyFlags(Flags.ADD, size, before + addend, addend);
  }

  private static long addToMemory(Cpu cpu, Insn insn, int size, long addend) {
    Mmu mmu = cpu.mmu;
    long address = cpu.linear(insn, size, true);
    if (insn.lock) {
      return AtomicUpdate.add(mmu, address, size, addend);
    }
    long before = mmu.loadForUpdate(address, size);
    mmu.store(address, size, before + addend);
    return before;
  }

  private static void cmpxchg(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long expected = cpu.gpr(Cpu.RAX, size);
    long replacement = cpu.read(insn, 1, size);
    long found;
    if (insn.kind0 == OperandKind.MEMORY) {
      found = compareExchange(cpu, insn, size, expected, replacement);
      if (found != expected) {
        cpu.setGpr(Cpu.RAX, size, found);
      }
    } else {
      found = cpu.read(insn, 0, size);
      if (found == expected) {
        cpu.write(insn, 0, size, replacement);
      } else {
        cpu.setGpr(Cpu.RAX, size, found);
      }
    }
    cpu.setLazyFlags(Flags.SUB, size, expected - found, found);
  }

  /** Writes in any case, as hardware does: what it found if that was not what it wanted. */
  private static long compareExchange(
      Cpu cpu, Insn insn, int size, long expected, long replacement) {
    Mmu mmu = cpu.mmu;
    long address = cpu.linear(insn, size, true);
    if (insn.lock) {
      return mmu.compareExchange(address, size, expected, replacement);
    }
    long found = mmu.loadForUpdate(address, size);
    mmu.store(address, size, found == expected ? replacement : found);
    return found;
  }

  private static void cmpxchg8b(Cpu cpu, Insn insn) {
    long expected = cpu.gpr(Cpu.RDX, 4) << 32 | cpu.gpr(Cpu.RAX, 4);
    long replacement = cpu.gpr(Cpu.RCX, 4) << 32 | cpu.gpr(Cpu.RBX, 4);
    long found = compareExchange(cpu, insn, 8, expected, replacement);
    if (found != expected) {
      cpu.setGpr(Cpu.RAX, 4, found);
      cpu.setGpr(Cpu.RDX, 4, found >>> 32);
    }
    setZero(cpu, found == expected);
  }

  private static void cmpxchg16b(Cpu cpu, Insn insn) {
    Mmu mmu = cpu.mmu;
    long address = cpu.linear(insn, 16, true);
    if ((address & 15) != 0) {
      throw cpu.generalProtection();
    }
    boolean equal = mmu.compareExchange128(address, cpu.rax, cpu.rdx, cpu.rbx, cpu.rcx);
    if (!equal) {
      cpu.rax = mmu.foundLow;
      cpu.rdx = mmu.foundHigh;
    }
    setZero(cpu, equal);
  }

  private static void setZero(Cpu cpu, boolean equal) {
    cpu.setArithmeticFlags(cpu.arithmeticFlags() & ~Flags.ZF | (equal ? Flags.ZF : 0));
  }
}
