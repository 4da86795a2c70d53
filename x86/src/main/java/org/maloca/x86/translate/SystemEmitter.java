package org.maloca.x86.translate;

import org.maloca.x86.Cpu;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Bytecode for the fences, PAUSE, RDTSC and RDTSCP. */
final class SystemEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final MethodCode code;

  SystemEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return switch (insn.operation) {
      case LFENCE, SFENCE, MFENCE, PAUSE, RDTSC, RDTSCP -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case LFENCE -> fence("loadLoadFence");
      case SFENCE -> fence("storeStoreFence");
      case MFENCE -> fence("fullFence");
      case PAUSE -> code.aload(Locals.CPU).invokevirtual(Names.CPU, "pause", Names.TO_VOID);
      default -> readTimeStamp(insn, at);
    }
  }

  private void fence(String method) {
    code.invokestatic(Names.VAR_HANDLE, method, Names.TO_VOID);
  }

  private void readTimeStamp(Insn insn, int at) {
    emitter.mark(at);
    code.aload(Locals.CPU).invokevirtual(Names.CPU, "readTimeStamp", Names.TO_LONG);
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(Cpu.RAX, 4);
    code.lload(Locals.TEMP_A).loadConstant(32).lushr();
    emitter.writeGuest(Cpu.RDX, 4);
    if (insn.operation == Operation.RDTSCP) {
      code.aload(Locals.CPU).invokevirtual(Names.CPU, "processorId", Names.TO_LONG);
      emitter.writeGuest(Cpu.RCX, 4);
    }
  }
}
