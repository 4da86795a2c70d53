package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Adjustments of BCD arithmetic (AMD APM vol. 3: AAA, AAD, AAM, AAS, DAA, DAS). Undefined flags are
 * those of the additions and subtractions that make up the adjustment, as on AMD's silicon.
 */
final class DecimalHandlers {
  private DecimalHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.AAA, (cpu, insn) -> adjustUnpacked(cpu, 1));
    table.put(Operation.AAS, (cpu, insn) -> adjustUnpacked(cpu, -1));
    table.put(Operation.AAM, DecimalHandlers::aam);
    table.put(Operation.AAD, DecimalHandlers::aad);
    table.put(Operation.DAA, (cpu, insn) -> adjustPacked(cpu, 1));
    table.put(Operation.DAS, (cpu, insn) -> adjustPacked(cpu, -1));
  }

  private static void adjustUnpacked(Cpu cpu, int sign) {
    int ax = (int) cpu.rax & 0xffff;
    boolean adjust = (ax & 0xf) > 9 || (cpu.arithmeticFlags() & Flags.AF) != 0;
    int result = adjust ? ax + sign * 0x106 : ax;
    cpu.setGpr(Cpu.RAX, 2, result & 0xff0f);
    int overflow = overflow(ax << 16, result << 16, sign);
    int carries = adjust ? Flags.AF | Flags.CF : 0;
    // The flags are those of the 16-bit addition, before AL is cut to a digit.
    cpu.setLazyFlags(Flags.RESULT_AND_CARRIES, 2, result, carries | overflow);
  }

  private static void aam(Cpu cpu, Insn insn) {
    int base = (int) insn.immediate & 0xff;
    if (base == 0) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    int al = (int) cpu.rax & 0xff;
    cpu.setGpr(Cpu.RAX, 2, al / base << 8 | al % base);
    cpu.setLazyFlags(Flags.LOGIC, 1, al % base, 0);
  }

  private static void aad(Cpu cpu, Insn insn) {
    int ax = (int) cpu.rax & 0xffff;
    int tens = (ax >>> 8) * (int) insn.immediate;
    int result = ax + tens & 0xff;
    cpu.setGpr(Cpu.RAX, 2, result);
    cpu.setLazyFlags(Flags.ADD, 1, result, tens);
  }

  private static void adjustPacked(Cpu cpu, int sign) {
    int al = (int) cpu.rax & 0xff;
    int before = cpu.arithmeticFlags();
    int result = al;
    int carries = 0;
    if ((al & 0xf) > 9 || (before & Flags.AF) != 0) {
      result += sign * 6;
      carries = Flags.AF;
      // DAS also borrows when its first correction does.
      if (result < 0) {
        carries |= Flags.CF;
      }
    }
    if (al > 0x99 || (before & Flags.CF) != 0) {
      result += sign * 0x60;
      carries |= Flags.CF;
    }
    cpu.setGpr(Cpu.RAX, 1, result);
    int overflow = overflow(al << 24, result << 24, sign);
    cpu.setLazyFlags(Flags.RESULT_AND_CARRIES, 1, result, carries | overflow);
  }

  /** OF of an adjustment up or down by less than half the range, of values in the top bits. */
  private static int overflow(int before, int after, int sign) {
    int changed = sign > 0 ? ~before & after : before & ~after;
    return changed < 0 ? Flags.OF : 0;
  }
}
