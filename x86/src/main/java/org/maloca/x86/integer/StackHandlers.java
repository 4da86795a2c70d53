package org.maloca.x86.integer;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Stack instructions (AMD APM vol. 3). RSP changes only when all accesses succeeded. */
final class StackHandlers {
  private StackHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PUSH, StackHandlers::push);
    table.put(Operation.POP, StackHandlers::pop);
    table.put(Operation.PUSHA, StackHandlers::pusha);
    table.put(Operation.POPA, StackHandlers::popa);
    table.put(Operation.ENTER, StackHandlers::enter);
    table.put(Operation.LEAVE, StackHandlers::leave);
    table.put(Operation.PUSHF, StackHandlers::pushf);
  }

  private static void push(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.push(cpu.read(insn, 0, size), size);
  }

  private static void pop(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.GPR) {
      cpu.setGpr(insn.register0, size, cpu.pop(size));
      return;
    }
    // The destination is addressed with the RSP from after the pop.
    long pointer = cpu.rsp;
    long value = cpu.pop(size);
    try {
      cpu.write(insn, 0, size, value);
    } catch (GuestFault fault) {
      cpu.rsp = pointer;
      throw fault;
    }
  }

  /** Address of the stack slot at a distance from RSP. */
  private static long slot(Cpu cpu, long distance, int size, boolean write) {
    int width = cpu.stackAddressSize();
    return cpu.stackLinear(Cpu.zeroExtend(cpu.rsp + distance, width), size, write);
  }

  private static void pusha(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    for (int i = Cpu.RAX; i <= Cpu.RDI; i++) {
      cpu.mmu.store(slot(cpu, -(long) (i + 1) * size, size, true), size, cpu.gpr(i));
    }
    cpu.setStackPointer(cpu.rsp - 8L * size, cpu.stackAddressSize());
  }

  private static void popa(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    for (int i = 0; i < 8; i++) {
      cpu.mmu.probeRead(slot(cpu, (long) i * size, size, false), size);
    }
    for (int i = 0; i < 8; i++) {
      int register = Cpu.RDI - i;
      if (register != Cpu.RSP) {
        long value = cpu.mmu.load(slot(cpu, (long) i * size, size, false), size);
        cpu.setGpr(register, size, value);
      }
    }
    cpu.setStackPointer(cpu.rsp + 8L * size, cpu.stackAddressSize());
  }

  private static void enter(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int width = cpu.stackAddressSize();
    int allocation = (int) insn.immediate & 0xffff;
    int level = insn.immediate2 & 31;
    cpu.mmu.store(slot(cpu, -size, size, true), size, cpu.rbp);
    long frame = cpu.rsp - size;
    long distance = -size;
    if (level > 0) {
      for (int i = 1; i < level; i++) {
        long display = Cpu.zeroExtend(cpu.rbp - (long) i * size, width);
        long pointer = cpu.mmu.load(cpu.stackLinear(display, size, false), size);
        distance -= size;
        cpu.mmu.store(slot(cpu, distance, size, true), size, pointer);
      }
      distance -= size;
      cpu.mmu.store(slot(cpu, distance, size, true), size, frame);
    }
    distance -= allocation;
    // The new top of the stack must be writable, or the frame is refused.
    cpu.mmu.probeWrite(slot(cpu, distance, size, true), size);
    cpu.setGpr(Cpu.RBP, size, frame);
    cpu.setStackPointer(cpu.rsp + distance, width);
  }

  private static void leave(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int width = cpu.stackAddressSize();
    long pointer = Cpu.zeroExtend(cpu.rbp, width);
    long value = cpu.mmu.load(cpu.stackLinear(pointer, size, false), size);
    cpu.setStackPointer(pointer + size, width);
    cpu.setGpr(Cpu.RBP, size, value);
  }

  private static void pushf(Cpu cpu, Insn insn) {
    int image = cpu.rflags() & ~(Flags.RF | Flags.VM);
    if (cpu.isVirtual8086() && cpu.iopl() < 3) {
      if ((cpu.cr4 & ControlRegisters.CR4_VME) == 0 || insn.operandSize != 2) {
        throw cpu.generalProtection();
      }
      // The task sees its virtual interrupt flag, and an IOPL that lets it have one.
      boolean enabled = (image & Flags.VIF) != 0;
      image = image & ~Flags.IF | Flags.IOPL | (enabled ? Flags.IF : 0);
    }
    cpu.push(image, insn.operandSize);
  }
}
