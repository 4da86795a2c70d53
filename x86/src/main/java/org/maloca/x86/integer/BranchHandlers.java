package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Near control transfer (AMD APM vol. 3). The target is checked before anything changes, but after
 * the stack was found to be there.
 */
final class BranchHandlers {
  private BranchHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.JCC, BranchHandlers::jcc);
    table.put(Operation.JMP, (cpu, insn) -> cpu.jumpNear(relativeTarget(cpu, insn)));
    table.put(
        Operation.JMP_INDIRECT, (cpu, insn) -> cpu.jumpNear(cpu.read(insn, 0, insn.operandSize)));
    table.put(Operation.CALL, (cpu, insn) -> call(cpu, insn, relativeTarget(cpu, insn)));
    table.put(
        Operation.CALL_INDIRECT,
        (cpu, insn) -> call(cpu, insn, cpu.read(insn, 0, insn.operandSize)));
    table.put(Operation.RET, BranchHandlers::ret);
    table.put(Operation.JCXZ, BranchHandlers::jcxz);
    table.put(Operation.LOOP, (cpu, insn) -> loop(cpu, insn, true));
    table.put(Operation.LOOPE, (cpu, insn) -> loop(cpu, insn, cpu.zeroFlag()));
    table.put(Operation.LOOPNE, (cpu, insn) -> loop(cpu, insn, !cpu.zeroFlag()));
  }

  /** The target, cut to the operand size. */
  private static long relativeTarget(Cpu cpu, Insn insn) {
    return Cpu.zeroExtend(cpu.ripAfter(insn) + insn.immediate, insn.operandSize);
  }

  private static void branch(Cpu cpu, Insn insn, boolean taken) {
    if (taken) {
      cpu.jumpNear(relativeTarget(cpu, insn));
    } else {
      cpu.rip = cpu.ripAfter(insn);
    }
  }

  private static void jcc(Cpu cpu, Insn insn) {
    branch(cpu, insn, cpu.condition(insn.condition));
  }

  private static void call(Cpu cpu, Insn insn, long target) {
    int size = insn.operandSize;
    int width = cpu.stackAddressSize();
    long pointer = Cpu.zeroExtend(cpu.rsp - size, width);
    long linear = cpu.stackLinear(pointer, size, true);
    cpu.mmu.probeWrite(linear, size);
    cpu.jumpNear(target);
    cpu.mmu.store(linear, size, cpu.ripAfter(insn));
    cpu.setStackPointer(pointer, width);
  }

  private static void ret(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int width = cpu.stackAddressSize();
    long pointer = Cpu.zeroExtend(cpu.rsp, width);
    cpu.jumpNear(cpu.mmu.load(cpu.stackLinear(pointer, size, false), size));
    cpu.setStackPointer(pointer + size + (insn.immediate & 0xffff), width);
  }

  private static void jcxz(Cpu cpu, Insn insn) {
    branch(cpu, insn, cpu.gpr(Cpu.RCX, insn.addressSize) == 0);
  }

  private static void loop(Cpu cpu, Insn insn, boolean condition) {
    long count = Cpu.zeroExtend(cpu.rcx - 1, insn.addressSize);
    branch(cpu, insn, condition && count != 0);
    cpu.setGpr(Cpu.RCX, insn.addressSize, count);
  }
}
