package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Addition, subtraction and logic (AMD APM vol. 3: ADD, ADC, ADCX, ADOX, CMP, TEST and others). */
final class ArithmeticHandlers {
  private ArithmeticHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.ADD, new BinaryHandler(BinaryHandler.ADD));
    table.put(Operation.OR, new BinaryHandler(BinaryHandler.OR));
    table.put(Operation.ADC, new BinaryHandler(BinaryHandler.ADC));
    table.put(Operation.SBB, new BinaryHandler(BinaryHandler.SBB));
    table.put(Operation.AND, new BinaryHandler(BinaryHandler.AND));
    table.put(Operation.SUB, new BinaryHandler(BinaryHandler.SUB));
    table.put(Operation.XOR, new BinaryHandler(BinaryHandler.XOR));
    table.put(Operation.CMP, ArithmeticHandlers::cmp);
    table.put(Operation.TEST, ArithmeticHandlers::test);
    table.put(Operation.INC, new UnaryHandler(UnaryHandler.INC));
    table.put(Operation.DEC, new UnaryHandler(UnaryHandler.DEC));
    table.put(Operation.NEG, new UnaryHandler(UnaryHandler.NEG));
    table.put(Operation.NOT, new UnaryHandler(UnaryHandler.NOT));
    table.put(Operation.ADCX, (cpu, insn) -> addWithFlag(cpu, insn, Flags.CF));
    table.put(Operation.ADOX, (cpu, insn) -> addWithFlag(cpu, insn, Flags.OF));
  }

  private static void cmp(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long a = cpu.read(insn, 0, size);
    long b = cpu.read(insn, 1, size);
    cpu.setLazyFlags(Flags.SUB, size, a - b, b);
  }

  private static void test(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.setLazyFlags(Flags.LOGIC, size, cpu.read(insn, 0, size) & cpu.read(insn, 1, size), 0);
  }

  /** Adds with the one flag as carry in and out, and leaves the others. */
  private static void addWithFlag(Cpu cpu, Insn insn, int flag) {
    int size = insn.operandSize;
    long a = cpu.read(insn, 0, size);
    long b = cpu.read(insn, 1, size);
    int flags = cpu.arithmeticFlags();
    boolean carryIn = (flags & flag) != 0;
    long sum = a + b + (carryIn ? 1 : 0);
    boolean carryOut =
        size == 8
            ? carryIn ? Long.compareUnsigned(sum, a) <= 0 : Long.compareUnsigned(sum, a) < 0
            : sum >>> 32 != 0;
    cpu.write(insn, 0, size, sum);
    cpu.setArithmeticFlags(flags & ~flag | (carryOut ? flag : 0));
  }
}
