package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** LAR, LSL, VERR and VERW: they tell by ZF whether a selector could be used (AMD APM vol. 3). */
final class AccessRightsHandlers {
  private static final long RIGHTS = 0x00ff_ff00L;

  /** Of system descriptors: what LAR and LSL know; gates have rights but no limit. */
  private static final int LAR_TYPES = bits(1, 2, 3, 4, 5, 9, 0xb, 0xc);

  private static final int LSL_TYPES = bits(1, 2, 3, 9, 0xb);
  private static final int LAR_TYPES_LONG = bits(2, 9, 0xb, 0xc);
  private static final int LSL_TYPES_LONG = bits(2, 9, 0xb);

  /** No descriptor: it has reserved type bits. */
  private static final long UNUSABLE = 0;

  private AccessRightsHandlers() {}

  private static int bits(int... types) {
    int mask = 0;
    for (int type : types) {
      mask |= 1 << type;
    }
    return mask;
  }

  static void register(HandlerTable table) {
    table.put(Operation.LAR, AccessRightsHandlers::loadRights);
    table.put(Operation.LSL, AccessRightsHandlers::loadLimit);
    table.put(Operation.VERR, (cpu, insn) -> setZero(cpu, isReadable(cpu, insn)));
    table.put(Operation.VERW, (cpu, insn) -> setZero(cpu, isWritable(cpu, insn)));
  }

  private static void setZero(Cpu cpu, boolean zero) {
    int flags = cpu.arithmeticFlags() & ~Flags.ZF;
    cpu.setArithmeticFlags(zero ? flags | Flags.ZF : flags);
  }

  /** The descriptor if it exists and may be seen with the current privilege. */
  private static long read(Cpu cpu, int selector) {
    if (DescriptorTables.isNull(selector) || !DescriptorTables.contains(cpu, selector, 8)) {
      return UNUSABLE;
    }
    long raw = DescriptorTables.read(cpu, selector, GuestFault.GP);
    boolean visible =
        Descriptor.isConformingCode(raw) || Math.max(cpu.cpl, selector & 3) <= Descriptor.dpl(raw);
    return visible ? raw : UNUSABLE;
  }

  private static boolean hasType(long raw, int systemTypes) {
    return Descriptor.isSegment(raw) || (systemTypes >> Descriptor.type(raw) & 1) != 0;
  }

  private static void loadRights(Cpu cpu, Insn insn) {
    long raw = read(cpu, (int) cpu.read(insn, 1, 2));
    boolean found = hasType(raw, cpu.isLongMode() ? LAR_TYPES_LONG : LAR_TYPES);
    if (found) {
      cpu.setGpr(insn.register0, insn.operandSize, raw >>> 32 & RIGHTS);
    }
    setZero(cpu, found);
  }

  private static void loadLimit(Cpu cpu, Insn insn) {
    long raw = read(cpu, (int) cpu.read(insn, 1, 2));
    boolean found = hasType(raw, cpu.isLongMode() ? LSL_TYPES_LONG : LSL_TYPES);
    if (found) {
      long limit = Descriptor.limit(raw) & 0xffff_ffffL;
      cpu.setGpr(insn.register0, insn.operandSize, limit);
    }
    setZero(cpu, found);
  }

  private static boolean isReadable(Cpu cpu, Insn insn) {
    return Descriptor.isReadable(read(cpu, (int) cpu.read(insn, 0, 2)));
  }

  private static boolean isWritable(Cpu cpu, Insn insn) {
    return Descriptor.isWritableData(read(cpu, (int) cpu.read(insn, 0, 2)));
  }
}
