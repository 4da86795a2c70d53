package org.maloca.x86.fpu;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.simd.Mxcsr;

/**
 * FXSAVE, FXRSTOR, XSAVE, XSAVEOPT, XRSTOR (Intel SDM vol. 1, 10.5 and chapter 13), for the x87 and
 * SSE components in the standard format.
 */
final class StateAreaHandlers {
  private static final int LEGACY_BYTES = 512;
  private static final int HEADER_BYTES = 64;
  private static final int XMM_OFFSET = 160;
  private static final int REGISTERS_OFFSET = 32;
  private static final int MXCSR_OFFSET = 24;
  private static final int MXCSR_MASK = 0xffff;
  private static final long X87_COMPONENT = 1;
  private static final long SSE_COMPONENT = 2;

  private StateAreaHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.FXSAVE, StateAreaHandlers::fxsave);
    table.put(Operation.FXRSTOR, StateAreaHandlers::fxrstor);
    table.put(Operation.XSAVE, StateAreaHandlers::xsave);
    table.put(Operation.XSAVEOPT, StateAreaHandlers::xsave);
    table.put(Operation.XRSTOR, StateAreaHandlers::xrstor);
  }

  private static long address(Cpu cpu, Insn insn, int bytes, int alignment, boolean write) {
    long va = cpu.linear(insn, bytes, write);
    if ((va & alignment - 1) != 0) {
      if (cpu.is64() && va << 16 >> 16 != va) {
        // Not canonical, which may be #SS.
        X87Unit.probe(cpu, va, 1, write);
      }
      throw cpu.generalProtection();
    }
    // AMD's CPUs try the last byte first.
    X87Unit.probe(cpu, at(cpu, va, bytes - 1), 1, write);
    X87Unit.probe(cpu, va, 1, write);
    return va;
  }

  private static void checkFxAvailable(Cpu cpu) {
    if ((cpu.cr0 & ControlRegisters.CR0_EM) != 0) {
      throw cpu.undefinedOpcode();
    }
    if ((cpu.cr0 & ControlRegisters.CR0_TS) != 0) {
      throw cpu.fault(GuestFault.NM, 0);
    }
  }

  private static void fxsave(Cpu cpu, Insn insn) {
    checkFxAvailable(cpu);
    long va = address(cpu, insn, LEGACY_BYTES, 16, true);
    saveX87(cpu, insn, va);
    saveMxcsr(cpu, va);
    saveXmm(cpu, va);
  }

  private static void fxrstor(Cpu cpu, Insn insn) {
    checkFxAvailable(cpu);
    long va = address(cpu, insn, LEGACY_BYTES, 16, false);
    int mxcsr = cpu.mmu.load32(at(cpu, va, MXCSR_OFFSET));
    if ((mxcsr & ~MXCSR_MASK) != 0) {
      throw cpu.generalProtection();
    }
    restoreX87(cpu, insn, va);
    Mxcsr.set(cpu, mxcsr);
    restoreXmm(cpu, va);
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void checkXsaveAvailable(Cpu cpu) {
    if ((cpu.cr4 & ControlRegisters.CR4_OSXSAVE) == 0) {
      throw cpu.undefinedOpcode();
    }
    if ((cpu.cr0 & ControlRegisters.CR0_TS) != 0) {
      throw cpu.fault(GuestFault.NM, 0);
    }
  }

  private static long requested(Cpu cpu) {
    return (cpu.gpr(Cpu.RDX, 4) << 32 | cpu.gpr(Cpu.RAX, 4)) & cpu.xcr0;
  }

  private static void xsave(Cpu cpu, Insn insn) {
    checkXsaveAvailable(cpu);
    long wanted = requested(cpu);
    long va = address(cpu, insn, LEGACY_BYTES + HEADER_BYTES, 64, true);
    boolean x87 = (wanted & X87_COMPONENT) != 0;
    boolean sse = (wanted & SSE_COMPONENT) != 0;
    boolean optimizes = insn.operation == Operation.XSAVEOPT;
    boolean x87InUse = !isX87Initial(cpu);
    boolean sseInUse = !isSseInitial(cpu);
    if (x87 && (x87InUse || !optimizes)) {
      saveX87(cpu, insn, va);
    }
    if (sse) {
      saveMxcsr(cpu, va);
      if (sseInUse || !optimizes) {
        saveXmm(cpu, va);
      }
    }
    long header = at(cpu, va, LEGACY_BYTES);
    long present = cpu.mmu.load64(header) & ~wanted;
    present |= x87 && x87InUse ? X87_COMPONENT : 0;
    present |= sse && sseInUse ? SSE_COMPONENT : 0;
    cpu.mmu.store64(header, present);
  }

  private static void xrstor(Cpu cpu, Insn insn) {
    checkXsaveAvailable(cpu);
    long wanted = requested(cpu);
    long va = address(cpu, insn, LEGACY_BYTES + HEADER_BYTES, 64, false);
    long header = at(cpu, va, LEGACY_BYTES);
    long present = cpu.mmu.load64(header);
    boolean malformed = (present & ~cpu.xcr0) != 0;
    for (int offset = 8; offset < 24; offset += 8) {
      malformed |= cpu.mmu.load64(at(cpu, header, offset)) != 0;
    }
    int mxcsr = cpu.mmu.load32(at(cpu, va, MXCSR_OFFSET));
    boolean sse = (wanted & SSE_COMPONENT) != 0;
    if (malformed || sse && (mxcsr & ~MXCSR_MASK) != 0) {
      throw cpu.generalProtection();
    }
    if ((wanted & X87_COMPONENT) != 0) {
      if ((present & X87_COMPONENT) != 0) {
        restoreX87(cpu, insn, va);
      } else {
        initializeX87(cpu);
      }
    }
    if (sse) {
      Mxcsr.set(cpu, mxcsr);
      if ((present & SSE_COMPONENT) != 0) {
        restoreXmm(cpu, va);
      } else {
        java.util.Arrays.fill(cpu.xmm, 0);
      }
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static boolean isX87Initial(Cpu cpu) {
    X87State x87 = cpu.x87;
    boolean initial =
        x87.control == 0x37f
            && x87.statusWord() == 0
            && x87.emptyMask == 0xff
            && x87.lastInstruction == 0
            && x87.lastData == 0
            && x87.lastOpcode == 0;
    for (int i = 0; i < 8; i++) {
      initial &= x87.mantissa[i] == 0 && x87.signExponent[i] == 0;
    }
    return initial;
  }

  private static boolean isSseInitial(Cpu cpu) {
    long any = 0;
    int registers = cpu.is64() ? 32 : 16;
    for (int i = 0; i < registers; i++) {
      any |= cpu.xmm[i];
    }
    return any == 0;
  }

  private static void initializeX87(Cpu cpu) {
    cpu.x87.initialize();
    java.util.Arrays.fill(cpu.x87.mantissa, 0);
    java.util.Arrays.fill(cpu.x87.signExponent, 0);
  }

  private static void saveX87(Cpu cpu, Insn insn, long va) {
    X87State x87 = cpu.x87;
    store16(cpu, va, 0, x87.control);
    store16(cpu, va, 2, x87.statusWord());
    // The abridged tag byte has a bit for each register that is in use; the next byte is reserved.
    store16(cpu, va, 4, ~x87.emptyMask & 0xff);
    store16(cpu, va, 6, x87.lastOpcode);
    if (insn.operandSize == 8) {
      cpu.mmu.store64(at(cpu, va, 8), x87.lastInstruction);
      cpu.mmu.store64(at(cpu, va, 16), x87.lastData);
    } else {
      cpu.mmu.store64(
          at(cpu, va, 8),
          x87.lastInstruction & 0xffff_ffffL | (long) x87.lastInstructionSelector << 32);
      cpu.mmu.store64(
          at(cpu, va, 16), x87.lastData & 0xffff_ffffL | (long) x87.lastDataSelector << 32);
    }
    for (int i = 0; i < 8; i++) {
      long slot = at(cpu, va, REGISTERS_OFFSET + 16 * i);
      cpu.mmu.store64(slot, X87Unit.mantissa(x87, i));
      cpu.mmu.store64(at(cpu, slot, 8), X87Unit.signExponent(x87, i));
    }
  }

  private static void restoreX87(Cpu cpu, Insn insn, long va) {
    X87State x87 = cpu.x87;
    x87.setStatusWord(load16(cpu, va, 2));
    x87.setControl(load16(cpu, va, 0));
    x87.emptyMask = ~load16(cpu, va, 4) & 0xff;
    x87.lastOpcode = load16(cpu, va, 6) & 0x7ff;
    long instruction = cpu.mmu.load64(at(cpu, va, 8));
    long data = cpu.mmu.load64(at(cpu, va, 16));
    if (insn.operandSize == 8) {
      x87.lastInstruction = instruction;
      x87.lastData = data;
      x87.lastInstructionSelector = 0;
      x87.lastDataSelector = 0;
    } else {
      x87.lastInstruction = instruction & 0xffff_ffffL;
      x87.lastInstructionSelector = (int) (instruction >>> 32) & 0xffff;
      x87.lastData = data & 0xffff_ffffL;
      x87.lastDataSelector = (int) (data >>> 32) & 0xffff;
    }
    for (int i = 0; i < 8; i++) {
      long slot = at(cpu, va, REGISTERS_OFFSET + 16 * i);
      int register = x87.physical(i);
      x87.mantissa[register] = cpu.mmu.load64(slot);
      x87.signExponent[register] = cpu.mmu.load16(at(cpu, slot, 8));
    }
  }

  private static void saveMxcsr(Cpu cpu, long va) {
    cpu.mmu.store32(at(cpu, va, MXCSR_OFFSET), Mxcsr.get(cpu));
    cpu.mmu.store32(at(cpu, va, MXCSR_OFFSET + 4), MXCSR_MASK);
  }

  private static void saveXmm(Cpu cpu, long va) {
    int words = cpu.is64() ? 32 : 16;
    for (int i = 0; i < words; i++) {
      cpu.mmu.store64(at(cpu, va, XMM_OFFSET + 8 * i), cpu.xmm[i]);
    }
  }

  private static void restoreXmm(Cpu cpu, long va) {
    int words = cpu.is64() ? 32 : 16;
    for (int i = 0; i < words; i++) {
      cpu.xmm[i] = cpu.mmu.load64(at(cpu, va, XMM_OFFSET + 8 * i));
    }
  }

  private static void store16(Cpu cpu, long va, int offset, int value) {
    cpu.mmu.store16(at(cpu, va, offset), value);
  }

  private static int load16(Cpu cpu, long va, int offset) {
    return cpu.mmu.load16(at(cpu, va, offset));
  }

  private static long at(Cpu cpu, long va, int offset) {
    return X87Unit.second(cpu, va, offset);
  }
}
