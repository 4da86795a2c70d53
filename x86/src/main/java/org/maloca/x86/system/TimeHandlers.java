package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** RDTSC, RDTSCP, RDPID and RDPMC (AMD APM vol. 3). */
final class TimeHandlers {
  private TimeHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.RDTSC, TimeHandlers::readCounter);
    table.put(Operation.RDTSCP, TimeHandlers::readCounterAndProcessor);
    table.put(Operation.RDPID, (cpu, insn) -> cpu.setGpr(insn.register0, cpu.processorId()));
    // There are no performance counters.
    table.put(
        Operation.RDPMC,
        (cpu, insn) -> {
          throw cpu.generalProtection();
        });
  }

  private static void readCounter(Cpu cpu, Insn insn) {
    RegisterPair.set(cpu, cpu.readTimeStamp());
  }

  private static void readCounterAndProcessor(Cpu cpu, Insn insn) {
    readCounter(cpu, insn);
    cpu.rcx = cpu.processorId();
  }
}
