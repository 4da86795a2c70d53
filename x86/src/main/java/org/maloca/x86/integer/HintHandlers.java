package org.maloca.x86.integer;

import java.lang.invoke.VarHandle;
import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Hints and fences (AMD APM vol. 3). The caches that CLFLUSH flushes are coherent anyway. */
final class HintHandlers {
  /**
   * A power of two; a spin that lasts this long is probably for a CPU that the host has stopped.
   */
  private static final int PAUSES_BEFORE_YIELD = 64;

  private HintHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.NOP, (cpu, insn) -> {});
    table.put(Operation.PREFETCH, (cpu, insn) -> {});
    table.put(Operation.PAUSE, HintHandlers::pause);
    table.put(Operation.CLFLUSH, HintHandlers::flushLine);
    table.put(Operation.CLFLUSHOPT, HintHandlers::flushLine);
    table.put(Operation.CLWB, HintHandlers::flushLine);
    table.put(Operation.LFENCE, (cpu, insn) -> VarHandle.fullFence());
    table.put(Operation.SFENCE, (cpu, insn) -> VarHandle.fullFence());
    table.put(Operation.MFENCE, (cpu, insn) -> VarHandle.fullFence());
  }

  /** Where vCPUs are more than the host's cores, the one that is waited for must get to run. */
  private static void pause(Cpu cpu, Insn insn) {
    if ((++cpu.pauses & PAUSES_BEFORE_YIELD - 1) == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  /** Checks the address as a load of one byte does. */
  private static void flushLine(Cpu cpu, Insn insn) {
    cpu.mmu.probeRead(cpu.linear(insn, 1, false), 1);
  }
}
