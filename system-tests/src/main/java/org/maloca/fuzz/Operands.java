package org.maloca.fuzz;

import java.util.SplittableRandom;
import org.maloca.fuzz.Form.Trait;

/** Chooses the initial state of a case, so that its instruction finds operands worth computing. */
final class Operands {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final long LOW_32 = 0xffff_ffffL;
  private static final int STATUS_FLAGS = 0x8d5;
  private static final int DIRECTION = 0x400;
  private static final int FIXED_FLAGS = 0x202;
  private static final long FIXED_REGISTER = 0x0101_0101_0101_0101L;

  private final SplittableRandom random;
  private final boolean sparse;
  private final FloatingState floating;
  private int target;
  private int stack;

  Operands(SplittableRandom random, boolean sparse) {
    this.random = random;
    this.sparse = sparse;
    floating = new FloatingState(random, sparse);
  }

  /** Returns the window offset of the memory operand. */
  int fill(CaseBatch batch, int index, Encoding e) {
    fillRegisters(batch, index, e);
    target = e.fixedOffset == Encoding.NONE ? Targets.offset(random, alignment(e)) : e.fixedOffset;
    stack = Targets.offset(random, 8);
    fillSegments(batch, index, e);
    placePatch(batch, index, e);
    floating.fill(batch, index, e);
    fillPatch(batch, index, e);
    fillTraits(batch, index, e);
    if (e.memory) {
      address(batch, index, e);
    }
    if (e.form.has(Trait.CMPXCHG) || e.form.has(Trait.CMPXCHG8)) {
      fillComparison(batch, index, e);
    }
    return target;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private int alignment(Encoding e) {
    return e.form.kind() == CaseKind.GPR ? 8 : 16;
  }

  private void fillRegisters(CaseBatch batch, int index, Encoding e) {
    for (int i = 0; i < 16; i++) {
      boolean implicit = i <= RDX && (!sparse || batch.kind() == CaseKind.GPR);
      boolean operand = i == e.reg || i == e.rm || implicit;
      long other = sparse ? FIXED_REGISTER * (i + 1) : random.nextLong();
      batch.gpr(index, i, operand ? Values.integer(random) : other);
    }
    for (int left = e.pointers; left != 0; left &= left - 1) {
      if (chance(85)) {
        long pointer = CaseSpace.WINDOW_GVA + Targets.offset(random, alignment(e));
        batch.gpr(index, Integer.numberOfTrailingZeros(left), pointer);
      }
    }
    int flags = random.nextInt();
    batch.rflags(index, flags & STATUS_FLAGS | (flags >>> 30 == 0 ? DIRECTION : 0) | FIXED_FLAGS);
  }

  /**
   * Bases that leave an absolute address near the window; any other goes with a register. Halved,
   * so that the offset alone is canonical, too: microcode of AMD's CPUs looks at it.
   */
  private void fillSegments(CaseBatch batch, int index, Encoding e) {
    boolean absolute = e.fixedOffset != Encoding.NONE || e.form.has(Trait.STRING);
    long used = e.address32 || absolute ? random.nextInt(8) * 64L : canonical() >> 1;
    if (absolute && e.segment != Encoding.NONE && !e.form.has(Trait.STRING)) {
      target += (int) used;
    }
    batch.fsBase(index, e.segment == 4 ? used : sparse ? 0 : canonical());
    batch.gsBase(index, e.segment == 5 ? used : sparse ? 0 : canonical());
  }

  private long canonical() {
    return random.nextLong() >> 16 & (chance(50) ? -1L : 0x7fff_ffff_ffffL);
  }

  private void placePatch(CaseBatch batch, int index, Encoding e) {
    boolean popping = e.form.has(Trait.STACK) && !e.memory;
    if (popping) {
      target = stack;
    } else if (e.form.has(Trait.STACK) && chance(50)) {
      stack = target + 8 * random.nextInt(-2, 5);
    }
    int capacity = batch.kind().patchCapacity();
    int wanted = batch.kind() == CaseKind.X87 ? x87PatchBytes(e) : capacity;
    int offset = Math.max(0, Math.min(target, CaseSpace.WINDOW_BYTES - 8));
    int length = Math.min(wanted, CaseSpace.WINDOW_BYTES - offset);
    batch.patch(index, offset, sparse && !touchesMemory(e) ? 0 : length);
  }

  private static boolean touchesMemory(Encoding e) {
    return e.memory
        || e.fixedOffset != Encoding.NONE
        || e.form.has(Trait.STACK)
        || e.form.has(Trait.STRING)
        || e.form.has(Trait.XLAT)
        || e.form.has(Trait.LEAVE)
        || e.form.has(Trait.MASKMOV);
  }

  private static int x87PatchBytes(Encoding e) {
    if (e.form.has(Trait.FXRSTOR)) {
      return 576;
    }
    return e.form.has(Trait.ENVIRONMENT) ? 128 : 64;
  }

  private void fillPatch(CaseBatch batch, int index, Encoding e) {
    int length = batch.patchLength(index) + 7 & ~7;
    var data = e.form.data();
    int filled = sparse ? Math.min(length, 16) : length;
    for (int at = 0; at < length; at += 8) {
      batch.patchLong(index, at, at < filled ? Values.element(random, data) : 0);
    }
    if (data == Form.Data.F80) {
      long[] value = Values.extended(random);
      batch.patchLong(index, 0, value[1]);
      batch.patchLong(index, 8, value[0]);
    } else if (data == Form.Data.BCD) {
      batch.patchLong(index, 8, random.nextInt(100) * 6 / 10 | random.nextInt(2) << 15);
    }
    if (e.form.has(Trait.FXRSTOR)) {
      floating.imageInPatch(batch, index);
    } else if (e.form.has(Trait.ENVIRONMENT)) {
      floating.environmentInPatch(batch, index, e.operandBits == 16);
    } else if (e.form.has(Trait.FLDCW)) {
      batch.patchLong(index, 0, floating.controlWord());
    } else if (e.form.has(Trait.LDMXCSR)) {
      // Not AMD's misaligned-SSE bit, not even if the operand begins a byte later.
      batch.patchLong(index, 0, chance(90) ? floating.mxcsr() : random.nextInt() & ~0x202_0000);
    }
  }

  private void fillTraits(CaseBatch batch, int index, Encoding e) {
    var form = e.form;
    if (form.has(Trait.STACK)) {
      batch.gpr(index, RSP, CaseSpace.WINDOW_GVA + stack);
    }
    if (form.has(Trait.LEAVE)) {
      batch.gpr(index, RBP, CaseSpace.WINDOW_GVA + target);
    }
    if (form.has(Trait.INDIRECT)) {
      fillBranch(batch, index, e);
    }
    if (form.has(Trait.STRING)) {
      fillString(batch, index, e);
    }
    if (form.has(Trait.XLAT)) {
      long al = batch.gpr(index, RAX) & 0xff;
      register(batch, index, e, RBX, CaseSpace.WINDOW_GVA + target - al);
    }
    if (form.has(Trait.MASKMOV)) {
      register(batch, index, e, RDI, CaseSpace.WINDOW_GVA + target);
    }
    if (form.has(Trait.LOOP)) {
      batch.gpr(index, RCX, chance(60) ? random.nextInt(3) : batch.gpr(index, RCX));
    }
    if (form.has(Trait.SHIFT) && chance(70)) {
      batch.gpr(index, RCX, random.nextInt(70));
    }
    if (form.has(Trait.DOUBLE_SHIFT) && e.operandBits == 16) {
      batch.gpr(index, RCX, batch.gpr(index, RCX) & ~0x10L);
    }
    if (form.has(Trait.BITBASE) && e.memory) {
      // The bit offset moves the address.
      batch.gpr(index, e.reg, random.nextInt(-2048, 2048));
    }
    if (form.has(Trait.LENGTHS)) {
      batch.gpr(index, RAX, random.nextInt(-20, 20));
      batch.gpr(index, RDX, random.nextInt(-20, 20));
    }
    if (form.has(Trait.DIV) && chance(70)) {
      fillDividend(batch, index, e);
    }
    if (form.has(Trait.FSBASE) && chance(80)) {
      batch.gpr(index, e.rm, canonical());
    }
  }

  private void fillBranch(CaseBatch batch, int index, Encoding e) {
    long branch = Targets.branch(random, e);
    batch.patchLong(index, 0, branch);
    if (e.form.modrm() != Form.Modrm.NONE && !e.memory) {
      batch.gpr(index, e.rm, branch);
      // A call through RSP reads the target before it pushes; then RSP points at code.
      if (e.form.has(Trait.STACK) && e.rm == RSP) {
        batch.gpr(index, RSP, CaseSpace.WINDOW_GVA + stack);
      }
    }
  }

  private void fillString(CaseBatch batch, int index, Encoding e) {
    int other = chance(40) ? target + random.nextInt(-24, 25) : Targets.offset(random, 8);
    boolean swap = chance(50);
    register(batch, index, e, RSI, CaseSpace.WINDOW_GVA + (swap ? other : target));
    register(batch, index, e, RDI, CaseSpace.WINDOW_GVA + (swap ? target : other));
    if (e.segment != Encoding.NONE && !e.address32) {
      long base = e.segment == 4 ? batch.fsBase(index) : batch.gsBase(index);
      batch.gpr(index, RSI, batch.gpr(index, RSI) - base);
    }
    if (e.repeat) {
      register(batch, index, e, RCX, random.nextInt(15));
    }
    if (chance(60)) {
      long same = batch.patchLong(index, 0);
      for (int at = 8; at < 64; at += 8) {
        batch.patchLong(index, at, same);
      }
      batch.gpr(index, RAX, same);
    }
  }

  /** With 32-bit addresses the upper half must not matter. */
  private void register(CaseBatch batch, int index, Encoding e, int register, long value) {
    boolean garbage = e.address32 && !sparse;
    batch.gpr(index, register, garbage ? value & LOW_32 | (long) random.nextInt() << 32 : value);
  }

  private void fillDividend(CaseBatch batch, int index, Encoding e) {
    if (e.byteOperand()) {
      batch.gpr(index, RAX, random.nextInt(chance(50) ? 256 : 65536));
      return;
    }
    boolean signed = (batch.code(index).length & 1) == 0 || chance(50);
    long high = chance(70) ? 0 : random.nextInt(16);
    long rax = batch.gpr(index, RAX);
    long top = rax << 64 - e.operandBits >> 63;
    batch.gpr(index, RDX, signed ? top : high);
  }

  private void fillComparison(CaseBatch batch, int index, Encoding e) {
    if (chance(50)) {
      return;
    }
    if (e.form.has(Trait.CMPXCHG8)) {
      long low = batch.patchLong(index, 0);
      avoidingAddress(batch, index, e, RAX, e.rexW ? low : low & LOW_32);
      avoidingAddress(batch, index, e, RDX, e.rexW ? batch.patchLong(index, 8) : low >>> 32);
    } else {
      avoidingAddress(
          batch, index, e, RAX, e.memory ? batch.patchLong(index, 0) : batch.gpr(index, e.rm));
    }
  }

  private static void avoidingAddress(
      CaseBatch batch, int index, Encoding e, int register, long value) {
    if (!e.memory || e.base != register && e.index != register) {
      batch.gpr(index, register, value);
    }
  }

  /** Sets base and index so that the operand's linear address is the target. */
  private void address(CaseBatch batch, int index, Encoding e) {
    if (e.fixedOffset != Encoding.NONE || e.base == Encoding.NONE && e.index == Encoding.NONE) {
      return;
    }
    long linear = CaseSpace.WINDOW_GVA + target;
    if (!e.address32 && e.segment == Encoding.NONE && chance(1)) {
      linear |= 1L << 47 + random.nextInt(17);
    }
    long segment =
        switch (e.segment) {
          case 4 -> batch.fsBase(index);
          case 5 -> batch.gsBase(index);
          default -> 0;
        };
    long rest = linear - segment - e.displacement;
    if (e.index == Encoding.NONE) {
      register(batch, index, e, e.base, rest);
    } else if (e.base == Encoding.NONE) {
      register(batch, index, e, e.index, divided(rest, e, 1L << e.scale));
    } else if (e.base == e.index) {
      register(batch, index, e, e.base, divided(rest, e, 1 + (1L << e.scale)));
    } else {
      long scaled = chance(50) ? random.nextInt(-512, 512) : Values.integer(random);
      batch.gpr(index, e.index, scaled);
      register(batch, index, e, e.base, rest - (scaled << e.scale));
    }
  }

  /** The quotient for a sum that wraps at the address size; the target moves by what is left. */
  private long divided(long rest, Encoding e, long divisor) {
    long sum = e.address32 ? rest & LOW_32 : rest;
    target -= (int) Long.remainderUnsigned(sum, divisor);
    return Long.divideUnsigned(sum, divisor);
  }
}
