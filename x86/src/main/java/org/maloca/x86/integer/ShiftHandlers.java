package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Operation;

/** Shifts and rotates by one operand, and the shifts without flags of BMI2 (AMD APM vol. 3). */
final class ShiftHandlers {
  private ShiftHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.SHL, new ShiftHandler(ShiftHandler.SHL));
    table.put(Operation.SHR, new ShiftHandler(ShiftHandler.SHR));
    table.put(Operation.SAR, new ShiftHandler(ShiftHandler.SAR));
    table.put(Operation.ROL, new RotateHandler(RotateHandler.ROL));
    table.put(Operation.ROR, new RotateHandler(RotateHandler.ROR));
    table.put(Operation.RCL, new RotateHandler(RotateHandler.RCL));
    table.put(Operation.RCR, new RotateHandler(RotateHandler.RCR));
    table.put(
        Operation.SHLX,
        (cpu, insn) -> {
          int size = insn.operandSize;
          long value = cpu.read(insn, 1, size);
          cpu.setGpr(insn.register0, size, value << count(cpu.read(insn, 2, size), size));
        });
    table.put(
        Operation.SHRX,
        (cpu, insn) -> {
          int size = insn.operandSize;
          long value = cpu.read(insn, 1, size);
          cpu.setGpr(insn.register0, size, value >>> count(cpu.read(insn, 2, size), size));
        });
    table.put(
        Operation.SARX,
        (cpu, insn) -> {
          int size = insn.operandSize;
          long value = Cpu.signExtend(cpu.read(insn, 1, size), size);
          cpu.setGpr(insn.register0, size, value >> count(cpu.read(insn, 2, size), size));
        });
    table.put(
        Operation.RORX,
        (cpu, insn) -> {
          int size = insn.operandSize;
          long value = cpu.read(insn, 1, size);
          int count = (int) insn.immediate;
          long rotated =
              size == 8 ? Long.rotateRight(value, count) : Integer.rotateRight((int) value, count);
          cpu.setGpr(insn.register0, size, rotated);
        });
  }

  /** The count that a shift of operands of {@code size} bytes obeys: its low 5 or 6 bits. */
  static int count(long operand, int size) {
    return (int) operand & (size == 8 ? 63 : 31);
  }
}
