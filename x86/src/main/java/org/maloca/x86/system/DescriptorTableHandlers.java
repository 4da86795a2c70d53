package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** LGDT, LIDT, LLDT, LTR and the instructions that store what they load (AMD APM vol. 3). */
final class DescriptorTableHandlers {
  private DescriptorTableHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.LGDT, DescriptorTableHandlers::loadGlobal);
    table.put(Operation.LIDT, DescriptorTableHandlers::loadInterrupt);
    table.put(Operation.LLDT, DescriptorTableHandlers::loadLocal);
    table.put(Operation.LTR, DescriptorTableHandlers::loadTask);
    table.put(Operation.SGDT, (cpu, insn) -> storeTable(cpu, insn, cpu.gdtrLimit, cpu.gdtrBase));
    table.put(Operation.SIDT, (cpu, insn) -> storeTable(cpu, insn, cpu.idtrLimit, cpu.idtrBase));
    table.put(Operation.SLDT, (cpu, insn) -> storeSelector(cpu, insn, cpu.ldtr));
    table.put(Operation.STR, (cpu, insn) -> storeSelector(cpu, insn, cpu.tr));
  }

  private static int baseBytes(Cpu cpu) {
    return cpu.is64() ? 8 : 4;
  }

  private static long readBase(Cpu cpu, Insn insn, long linear) {
    long base = cpu.mmu.load(linear + 2, baseBytes(cpu));
    if (cpu.is64() && !ControlRegisterRules.isCanonical(base)) {
      throw cpu.generalProtection();
    }
    return insn.operandSize == 2 ? base & 0xff_ffff : base;
  }

  private static void loadGlobal(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long linear = cpu.linear(insn, 2 + baseBytes(cpu), false);
    int limit = (int) cpu.mmu.load(linear, 2);
    cpu.gdtrBase = readBase(cpu, insn, linear);
    cpu.gdtrLimit = limit;
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void loadInterrupt(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long linear = cpu.linear(insn, 2 + baseBytes(cpu), false);
    int limit = (int) cpu.mmu.load(linear, 2);
    cpu.idtrBase = readBase(cpu, insn, linear);
    cpu.idtrLimit = limit;
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void storeTable(Cpu cpu, Insn insn, int limit, long base) {
    Privilege.checkUserModePrevention(cpu);
    int bytes = baseBytes(cpu);
    long linear = cpu.linear(insn, 2 + bytes, true);
    cpu.mmu.probeWrite(linear + 2, bytes);
    cpu.mmu.store(linear, 2, limit);
    cpu.mmu.store(linear + 2, bytes, base);
  }

  private static void storeSelector(Cpu cpu, Insn insn, SegmentState register) {
    Privilege.checkUserModePrevention(cpu);
    cpu.write(insn, 0, register.selector);
  }

  private static void loadLocal(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    int selector = (int) cpu.read(insn, 0, 2);
    if (DescriptorTables.isNull(selector)) {
      SegmentLoader.makeNull(cpu.ldtr, selector);
    } else {
      long raw = readSystem(cpu, selector);
      if (Descriptor.type(raw) != Descriptor.TYPE_LDT) {
        throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
      }
      loadRegister(cpu, cpu.ldtr, selector, raw);
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void loadTask(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    int selector = (int) cpu.read(insn, 0, 2);
    if (DescriptorTables.isNull(selector)) {
      throw cpu.generalProtection();
    }
    long raw = readSystem(cpu, selector);
    int type = Descriptor.type(raw);
    boolean available =
        type == Descriptor.TYPE_TSS32_AVAILABLE
            || type == Descriptor.TYPE_TSS16_AVAILABLE && !cpu.isLongMode();
    if (!available) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    loadRegister(cpu, cpu.tr, selector, raw);
    DescriptorTables.setBusy(cpu, selector, true);
    cpu.tr.attributes |= Descriptor.TYPE_BUSY;
    cpu.rip = cpu.ripAfter(insn);
  }

  private static long readSystem(Cpu cpu, int selector) {
    int errorCode = DescriptorTables.errorCode(selector);
    if (DescriptorTables.isLocal(selector)) {
      throw cpu.fault(GuestFault.GP, errorCode);
    }
    long raw = DescriptorTables.read(cpu, selector, GuestFault.GP);
    if (Descriptor.isSegment(raw)) {
      throw cpu.fault(GuestFault.GP, errorCode);
    }
    return raw;
  }

  private static void loadRegister(Cpu cpu, SegmentState register, int selector, long raw) {
    if (!Descriptor.isPresent(raw)) {
      throw cpu.fault(GuestFault.NP, DescriptorTables.errorCode(selector));
    }
    long base = Descriptor.base(raw);
    if (cpu.isLongMode()) {
      base |= DescriptorTables.readUpper(cpu, selector, GuestFault.GP) << 32;
      if (!ControlRegisterRules.isCanonical(base)) {
        throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
      }
    }
    register.set(selector, base, Descriptor.limit(raw), Descriptor.attributes(raw));
  }
}
