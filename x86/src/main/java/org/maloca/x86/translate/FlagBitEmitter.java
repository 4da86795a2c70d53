package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;

/** Bytecode for CLC, STC, CMC, CLD, STD, LAHF and SAHF. */
final class FlagBitEmitter implements InsnEmitter {
  private static final int RAX = 0;
  private static final int IN_AH = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;

  private final Emitter emitter;
  private final MethodCode code;

  FlagBitEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return switch (insn.operation) {
      case CLC, STC, CMC, CLD, STD, LAHF, SAHF -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case CLC, STC, CMC -> carry(insn);
      case CLD -> {
        systemFlags().loadConstant(~Flags.DF).iand();
        code.putfield(Names.CPU, "systemFlags", CD_int);
      }
      case STD -> {
        systemFlags().loadConstant(Flags.DF).ior();
        code.putfield(Names.CPU, "systemFlags", CD_int);
      }
      case LAHF -> load();
      default -> store();
    }
  }

  private void carry(Insn insn) {
    if (!emitter.isLive(Flags.CF)) {
      return;
    }
    switch (insn.operation) {
      case CLC -> code.iconst_0();
      case STC -> code.iconst_1();
      default -> {
        emitter.pushCarry();
        code.iconst_1().ixor();
      }
    }
    emitter.flags.overlayCarry();
  }

  /** Pushes the CPU, to store to, and its system flags. */
  private MethodCode systemFlags() {
    return code.aload(Locals.CPU).dup().getfield(Names.CPU, "systemFlags", CD_int);
  }

  private void load() {
    emitter.pushFlags();
    code.invokestatic(Names.FLAGS, "compute", Names.LAZY_TO_INT);
    code.loadConstant(IN_AH).iand().iconst_2().ior().i2l();
    emitter.writeHighByte(RAX);
  }

  private void store() {
    emitter.readGuest(RAX);
    code.loadConstant(8).lushr().loadConstant((long) IN_AH).land();
    if (emitter.isLive(Flags.OF)) {
      emitter.flags.pushOverflow();
      code.loadConstant(11).ishl().i2l().lor();
    }
    emitter.setKnownFlags();
  }
}
