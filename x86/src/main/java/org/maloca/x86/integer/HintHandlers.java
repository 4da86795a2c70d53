package org.maloca.x86.integer;

import java.lang.invoke.VarHandle;
import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Hints and fences (AMD APM vol. 3; SERIALIZE: Intel SDM vol. 2). The caches that CLFLUSH flushes
 * are coherent anyway.
 */
final class HintHandlers {
  private HintHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.NOP, (cpu, insn) -> {});
    table.put(Operation.PREFETCH, (cpu, insn) -> {});
    table.put(Operation.PAUSE, (cpu, insn) -> cpu.pause());
    table.put(Operation.CLFLUSH, HintHandlers::flushLine);
    table.put(Operation.CLFLUSHOPT, HintHandlers::flushLine);
    table.put(Operation.CLWB, HintHandlers::flushLine);
    // Loads and stores keep x86's order anyway: only loads behind stores need more.
    table.put(Operation.LFENCE, (cpu, insn) -> VarHandle.loadLoadFence());
    table.put(Operation.SFENCE, (cpu, insn) -> VarHandle.storeStoreFence());
    table.put(Operation.MFENCE, (cpu, insn) -> VarHandle.fullFence());
    table.put(Operation.SERIALIZE, HintHandlers::serialize);
  }

  /** Instructions are executed one after the other anyway. */
  private static void serialize(Cpu cpu, Insn insn) {
    VarHandle.fullFence();
    cpu.rip = cpu.ripAfter(insn);
  }

  /** Checks the address as a load of one byte does. */
  private static void flushLine(Cpu cpu, Insn insn) {
    cpu.mmu.probeRead(cpu.linear(insn, 1, false), 1);
  }
}
