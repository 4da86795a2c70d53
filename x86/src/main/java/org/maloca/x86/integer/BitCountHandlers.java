package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Bit scans, counts and CRC32 (AMD APM vol. 3). BSF and BSR of zero leave the destination whole, as
 * AMD documents; their undefined flags are those of a logical operation with the index as result,
 * but for ZF.
 */
final class BitCountHandlers {
  private BitCountHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.BSF, BitCountHandlers::bsf);
    table.put(Operation.BSR, BitCountHandlers::bsr);
    table.put(Operation.TZCNT, BitCountHandlers::tzcnt);
    table.put(Operation.LZCNT, BitCountHandlers::lzcnt);
    table.put(Operation.POPCNT, BitCountHandlers::popcnt);
    table.put(Operation.CRC32, BitCountHandlers::crc32);
  }

  private static void bsf(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    setIndex(cpu, insn, source, Long.numberOfTrailingZeros(source));
  }

  private static void bsr(Cpu cpu, Insn insn) {
    long source = cpu.read(insn, 1);
    setIndex(cpu, insn, source, 63 - Long.numberOfLeadingZeros(source));
  }

  private static void setIndex(Cpu cpu, Insn insn, long source, int index) {
    if (source == 0) {
      cpu.setArithmeticFlags(Flags.ZF | Flags.PF);
    } else {
      cpu.setGpr(insn.register0, insn.operandSize, index);
      cpu.setArithmeticFlags(Flags.parity(index));
    }
  }

  private static void tzcnt(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long source = cpu.read(insn, 1, size);
    setCount(cpu, insn, Math.min(Long.numberOfTrailingZeros(source), 8 * size), size);
  }

  private static void lzcnt(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long source = cpu.read(insn, 1, size);
    setCount(cpu, insn, Long.numberOfLeadingZeros(source) - (64 - 8 * size), size);
  }

  private static void setCount(Cpu cpu, Insn insn, int count, int size) {
    cpu.setGpr(insn.register0, size, count);
    int flags = cpu.arithmeticFlags() & Flags.OF;
    if (count == 0) {
      flags |= Flags.ZF;
    } else if (count == 8 * size) {
      flags |= Flags.CF;
    }
    cpu.setArithmeticFlags(flags);
  }

  private static void popcnt(Cpu cpu, Insn insn) {
    int count = Long.bitCount(cpu.read(insn, 1));
    cpu.setGpr(insn.register0, insn.operandSize, count);
    cpu.setArithmeticFlags(count == 0 ? Flags.ZF : 0);
  }

  private static void crc32(Cpu cpu, Insn insn) {
    int size = insn.sourceSize;
    long source = cpu.read(insn, 1, size);
    int before = (int) cpu.gpr(insn.register0);
    int crc =
        switch (size) {
          case 1 -> Crc32c.update1(before, (int) source);
          case 2 -> Crc32c.update2(before, (int) source);
          case 4 -> Crc32c.update4(before, (int) source);
          default -> Crc32c.update8(before, source);
        };
    cpu.setGpr(insn.register0, 4, crc);
  }
}
