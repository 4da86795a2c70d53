package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** IRET in every mode (AMD APM vol. 3). */
final class IretHandlers {
  private static final int CPL_USER = 3;

  private IretHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.IRET, IretHandlers::iret);
  }

  private static void iret(Cpu cpu, Insn insn) {
    if (!cpu.isProtected()) {
      fromReal(cpu, insn.operandSize);
    } else if (cpu.isVirtual8086()) {
      fromVirtual8086(cpu, insn.operandSize);
    } else if ((cpu.systemFlags & Flags.NT) != 0) {
      if (cpu.isLongMode()) {
        throw cpu.generalProtection();
      }
      TaskSwitch.byReturn(cpu, cpu.ripAfter(insn));
    } else {
      fromProtected(cpu, insn.operandSize);
    }
    cpu.nmiBlocked = false;
  }

  private static void fromReal(Cpu cpu, int size) {
    int mask = FlagImages.ALWAYS | Flags.IF | Flags.IOPL | Flags.RF;
    returnPlain(cpu, size, FlagImages.cut(mask, size));
  }

  private static void fromVirtual8086(Cpu cpu, int size) {
    if (cpu.iopl() == 3) {
      int mask = FlagImages.ALWAYS | Flags.IF | Flags.RF;
      returnPlain(cpu, size, FlagImages.cut(mask, size));
      return;
    }
    if ((cpu.cr4 & ControlRegisters.CR4_VME) == 0 || size != 2) {
      throw cpu.generalProtection();
    }
    StackReader stack = new StackReader(cpu);
    long rip = stack.pop(2);
    int selector = (int) stack.pop(2);
    int image = VirtualInterruptFlag.translate(cpu, (int) stack.pop(2));
    CodeSegment.jumpReal(cpu, selector, rip);
    stack.commit();
    FlagImages.apply(cpu, image, FlagImages.ALWAYS & 0xffff | Flags.VIF);
  }

  private static void returnPlain(Cpu cpu, int size, int mask) {
    StackReader stack = new StackReader(cpu);
    long rip = stack.pop(size);
    int selector = (int) stack.pop(size) & 0xffff;
    int image = (int) stack.pop(size);
    CodeSegment.checkRealOffset(cpu, rip);
    stack.commit();
    FlagImages.applyReturn(cpu, image, mask);
    CodeSegment.jumpReal(cpu, selector, rip);
  }

  private static void fromProtected(Cpu cpu, int size) {
    StackReader stack = new StackReader(cpu);
    long rip = stack.pop(size);
    int selector = (int) stack.pop(size) & 0xffff;
    int image = (int) stack.pop(size);
    if ((image & Flags.VM) != 0 && size == 4 && cpu.cpl == 0 && !cpu.isLongMode()) {
      toVirtual8086(cpu, stack, rip, selector, image);
      return;
    }
    long code = CodeSegment.readReturn(cpu, selector);
    int privilege = selector & 3;
    int mask = FlagImages.cut(FlagImages.changeable(cpu) | Flags.RF, size);
    if (privilege > cpu.cpl || cpu.is64()) {
      ReturnStack outer = ReturnStack.read(cpu, stack, size, code, privilege);
      CodeSegment.checkOffset(cpu, code, rip);
      DescriptorTables.markAccessed(cpu, selector, code);
      outer.load(0);
    } else {
      CodeSegment.checkOffset(cpu, code, rip);
      DescriptorTables.markAccessed(cpu, selector, code);
      stack.commit();
    }
    FlagImages.applyReturn(cpu, image, mask);
    CodeSegment.load(cpu, selector, code, privilege);
    if (privilege != cpu.cpl) {
      cpu.cpl = privilege;
      SegmentLoader.dropInnerSegments(cpu);
    }
    cpu.rip = rip;
    cpu.updateMode();
  }

  private static void toVirtual8086(Cpu cpu, StackReader stack, long rip, int selector, int image) {
    long pointer = stack.pop(4);
    int ss = (int) stack.pop(4) & 0xffff;
    int es = (int) stack.pop(4) & 0xffff;
    int ds = (int) stack.pop(4) & 0xffff;
    int fs = (int) stack.pop(4) & 0xffff;
    int gs = (int) stack.pop(4) & 0xffff;
    if (rip > 0xffff) {
      throw cpu.generalProtection();
    }
    FlagImages.applyReturn(cpu, image, FlagImages.KNOWN);
    loadVirtual8086Segments(cpu, selector, ss, es, ds, fs, gs);
    cpu.rsp = pointer;
    cpu.cpl = CPL_USER;
    cpu.rip = rip;
    cpu.updateMode();
  }

  private static void loadVirtual8086Segments(
      Cpu cpu, int cs, int ss, int es, int ds, int fs, int gs) {
    SegmentLoader.loadVirtual8086(cpu, Cpu.CS, cs);
    SegmentLoader.loadVirtual8086(cpu, Cpu.SS, ss);
    SegmentLoader.loadVirtual8086(cpu, Cpu.ES, es);
    SegmentLoader.loadVirtual8086(cpu, Cpu.DS, ds);
    SegmentLoader.loadVirtual8086(cpu, Cpu.FS, fs);
    SegmentLoader.loadVirtual8086(cpu, Cpu.GS, gs);
  }
}
