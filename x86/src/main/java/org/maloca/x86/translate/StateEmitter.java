package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import org.maloca.x86.bytecode.MethodCode;

/** Moves guest state between a region's locals and the {@link org.maloca.x86.Cpu}. */
final class StateEmitter {
  private final Emitter emitter;
  private final MethodCode code;
  private final boolean mentionsXmm;
  private final boolean usesFs;
  private final boolean usesGs;

  /** The last x87 instruction is remembered in locals. */
  private final boolean remembersX87;

  /** Registers that live in locals, and those of them that the region changes. */
  private final long used;

  private final long changed;

  StateEmitter(Emitter emitter, RegionPlan plan) {
    this.emitter = emitter;
    code = emitter.code;
    usesFs = plan.usesFs();
    usesGs = plan.usesGs();
    remembersX87 = plan.usesX87() && !emitter.inMemory;
    mentionsXmm = (plan.used() & GuestRegisters.ALL_XMM) != 0;
    used = emitter.inMemory ? GuestRegisters.NONE : plan.used();
    changed = emitter.inMemory ? GuestRegisters.NONE : plan.changed();
  }

  /** Loads everything at the method's start. */
  void enter() {
    code.aload(Locals.CPU).getfield(Names.CPU, "mmu", Names.MMU).astore(Locals.MMU);
    code.lconst_0().lstore(Locals.RIP);
    code.iconst_0().istore(Locals.LINK);
    if (!emitter.inMemory) {
      code.iconst_0().istore(Locals.PC);
      pollHere();
    }
    if (mentionsXmm) {
      code.aload(Locals.CPU).getfield(Names.CPU, "xmm", Names.LONGS).astore(Locals.VECTORS);
    }
    if (remembersX87) {
      code.iconst_0().istore(Locals.X87_AT);
      code.lconst_0().lstore(Locals.X87_DATA);
    }
    reenter();
  }

  /** Has what a loop polls at hand, and known not to be null, which a loop would check. */
  private void pollHere() {
    code.aload(Locals.CPU).getfield(Names.CPU, "events", Names.EVENTS).astore(Locals.EVENTS);
    code.aload(Locals.EVENTS).getfield(Names.EVENTS, "bits", CD_int).pop();
  }

  /** Loads everything again after state was in the CPU for a while. */
  void reenter() {
    if (!emitter.inMemory) {
      code.lconst_0().lstore(Locals.COUNT);
    }
    reloadAll();
  }

  /**
   * Loads where the TLB and segments are, after something may have changed permissions or bases.
   */
  void loadBases() {
    if (emitter.inMemory) {
      return;
    }
    code.aload(Locals.MMU).getfield(Names.MMU, "bank", CD_long).lstore(Locals.BANK);
    if (usesFs) {
      emitter.pushSegmentBase("fs");
      code.lstore(Locals.FS_BASE);
    }
    if (usesGs) {
      emitter.pushSegmentBase("gs");
      code.lstore(Locals.GS_BASE);
    }
  }

  /** Writes everything back before the region is left, RIP too. */
  void leave() {
    writeBackAll();
    code.aload(Locals.CPU).lload(Locals.RIP).putfield(Names.CPU, "rip", CD_long);
    settleCount();
  }

  /** Adds to the instructions of the block that begins here. */
  void count(int insns) {
    if (emitter.inMemory) {
      code.aload(Locals.CPU).dup().getfield(Names.CPU, "regionInstructions", CD_int);
      code.loadConstant(insns).iadd().putfield(Names.CPU, "regionInstructions", CD_int);
    } else {
      code.lload(Locals.COUNT).loadConstant((long) insns).ladd().lstore(Locals.COUNT);
    }
  }

  /** Tells the CPU how many instructions were executed; who is left by a small region does. */
  void settleCount() {
    if (emitter.inMemory) {
      return;
    }
    code.aload(Locals.CPU).dup().getfield(Names.CPU, "instructions", CD_long);
    code.lload(Locals.COUNT).ladd().putfield(Names.CPU, "instructions", CD_long);
    code.aload(Locals.REGION).dup().getfield(Names.REGION, "heat", CD_long);
    code.lload(Locals.COUNT).ladd().putfield(Names.REGION, "heat", CD_long);
  }

  void reloadAll() {
    loadBases();
    reload(used);
    forgetX87();
    if (!emitter.inMemory) {
      loadFlags();
    }
  }

  void writeBackAll() {
    writeBack(changed);
    writeBackX87();
    writeBackFlags();
  }

  /** Tells the CPU of the last x87 instruction, if there was one since it was told. */
  void writeBackX87() {
    if (remembersX87) {
      code.aload(Locals.CPU).iload(Locals.X87_OPCODE);
      emitter.pushRipAt(Locals.X87_AT);
      code.lload(Locals.X87_DATA).iload(Locals.X87_SEGMENT);
      code.invokestatic(X87Emitter.UNIT, "noteLast", X87Emitter.NOTE_WITH_DATA);
    }
  }

  /** The CPU knows of the last x87 instruction. */
  void forgetX87() {
    if (remembersX87) {
      code.iconst_m1().istore(Locals.X87_OPCODE);
      code.iconst_m1().istore(Locals.X87_SEGMENT);
    }
  }

  /** Loads those registers of a set that live in locals. */
  void reload(long set) {
    long wanted = set & used;
    for (int bit = 0; bit < GuestRegisters.COUNT; bit++) {
      if ((wanted >>> bit & 1) == 0) {
        continue;
      }
      if (GuestRegisters.isGeneral(bit)) {
        emitter.loadGeneral(bit);
      } else {
        int slot = GuestRegisters.xmmSlot(bit);
        code.aload(Locals.VECTORS).loadConstant(slot).laload();
        if ((slot & 1) == 0) {
          emitter.xmm.writeLow(slot / 2);
        } else {
          emitter.xmm.writeHigh(slot / 2);
        }
      }
    }
  }

  /** Stores those registers of a set that the region changes. */
  void writeBack(long set) {
    long wanted = set & changed;
    for (int bit = 0; bit < GuestRegisters.COUNT; bit++) {
      if ((wanted >>> bit & 1) == 0) {
        continue;
      }
      if (GuestRegisters.isGeneral(bit)) {
        emitter.storeGeneral(bit);
      } else {
        int slot = GuestRegisters.xmmSlot(bit);
        code.aload(Locals.VECTORS).loadConstant(slot);
        if ((slot & 1) == 0) {
          emitter.xmm.readLow(slot / 2);
        } else {
          emitter.xmm.readHigh(slot / 2);
        }
        code.lastore();
      }
    }
  }

  void loadFlags() {
    code.aload(Locals.CPU).getfield(Names.CPU, "flagKind", CD_int).istore(Locals.FLAG_KIND);
    code.aload(Locals.CPU).getfield(Names.CPU, "flagResult", CD_long).lstore(Locals.FLAG_RESULT);
    code.aload(Locals.CPU).getfield(Names.CPU, "flagSource", CD_long).lstore(Locals.FLAG_SOURCE);
  }

  void writeBackFlags() {
    if (emitter.inMemory) {
      return;
    }
    code.aload(Locals.CPU).iload(Locals.FLAG_KIND).putfield(Names.CPU, "flagKind", CD_int);
    code.aload(Locals.CPU).lload(Locals.FLAG_RESULT).putfield(Names.CPU, "flagResult", CD_long);
    code.aload(Locals.CPU).lload(Locals.FLAG_SOURCE).putfield(Names.CPU, "flagSource", CD_long);
  }

  /** Throws the fault on, with RIP at the instruction and those not executed not counted. */
  void leaveByFault() {
    code.aload(Locals.CPU);
    emitter.pushRipAt(Locals.PC);
    code.putfield(Names.CPU, "rip", CD_long);
    code.lload(Locals.COUNT);
    code.aload(Locals.REGION).iload(Locals.PC);
    code.invokevirtual(Names.REGION, "insnsNotReached", Names.INT_TO_LONG);
    code.lsub().lstore(Locals.COUNT);
    settleCount();
    code.aload(Locals.PENDING).athrow();
  }
}
