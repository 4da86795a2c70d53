package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.GeneralRegisters;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * Bytecode for the parts that instructions are made of: operands, memory, flags. Values are longs
 * on the JVM's stack; bits above an operand's size are junk unless said otherwise.
 */
final class Emitter {
  /** The kind of the lazy flags is not known here. */
  static final int UNKNOWN = -1;

  private static final long MASK_32 = 0xffff_ffffL;

  /** Methods of the MMU, and of accesses to the host, by the logarithm of the size. */
  private static final String[] LOADS = {"load8", "load16", "load32", "load64"};

  private static final String[] STORES = {"store8", "store16", "store32", "store64"};
  final MethodCode code;

  /** 64-bit code; else 32-bit code in flat segments. */
  final boolean wide;

  /** {@link org.maloca.x86.ir.CodeMode} of the region. */
  final int mode;

  private static final List<String> GENERAL = GeneralRegisters.names();

  /**
   * Guest registers stay in the CPU and flags are always written there. The quick compiler makes
   * far less code of it: it would move all locals at each call and each possible fault.
   */
  final boolean inMemory;

  /**
   * An access that misses the TLB leaves the region, for the interpreter to do it: without a call
   * in the midst of a loop, HotSpot's optimizing compiler keeps the loop's state in registers.
   */
  boolean leavesOnMiss;

  /** Where such an access goes. */
  final Label missed;

  /** Whether any access goes there. */
  boolean mayMiss;

  /** Where accesses go of which one misses, or that are not all in one page. */
  final Label split;

  /** Whether any access goes there. */
  boolean maySplit;

  /** How the instruction that is being emitted shares looks at the TLB: for its memory operand. */
  SharedLookups.@Nullable Access operand;

  /** The same for what it pushes or pops. */
  SharedLookups.@Nullable Access slot;

  /** Registers in memory whose locals hold the same, as long as the code's epoch is that. */
  private int atHand;

  private int atHandEpoch;

  /** XMM registers. */
  final VectorLocals xmm;

  /** What happens where the host's floating point does not do. */
  final Exactness exactness;

  /**
   * What {@link Locals#FLAG_KIND} is known to hold at this point, in {@link FlagEmitter}'s form, or
   * {@link #UNKNOWN}.
   */
  int flagKind = UNKNOWN;

  final FlagEmitter flags;

  private final ConditionEmitter conditions;

  /**
   * The arithmetic flags that somebody may look at before the next instruction that overwrites
   * them; costly computation of others can be left out.
   */
  int flagsLive;

  /**
   * Whether it is noted which instruction a fault would be of, as it must be before one can come.
   */
  private boolean marked;

  /** Makes the emitter of a region's method. */
  Emitter(MethodCode code, RegionPlan plan) {
    inMemory = plan.isQuick();
    missed = code.newLabel();
    split = code.newLabel();
    this.code = code;
    mode = plan.mode();
    wide = CodeMode.is64(mode);
    xmm = new VectorLocals(code, plan.lowHalves(), inMemory);
    exactness = new Exactness(code, plan.leavesUnsafeFloats());
    flags = new FlagEmitter(this);
    conditions = new ConditionEmitter(this, flags);
  }

  // Registers.

  void readGuest(int register) {
    if (!inMemory || isAtHand(register)) {
      code.lload(Locals.guest(register));
    } else {
      loadGeneral(register);
      code.lload(Locals.guest(register));
      noteAtHand(register);
    }
  }

  /** Stores the whole of the value on the stack to a register. */
  void storeGuest(int register) {
    code.lstore(Locals.guest(register));
    if (inMemory) {
      storeGeneral(register);
      noteAtHand(register);
    }
  }

  /** Has a general register's local hold what the CPU has. */
  void loadGeneral(int register) {
    code.aload(Locals.CPU).getfield(Names.CPU, GENERAL.get(register), CD_long);
    code.lstore(Locals.guest(register));
  }

  /** Has the CPU hold what a general register's local has. */
  void storeGeneral(int register) {
    code.aload(Locals.CPU).lload(Locals.guest(register));
    code.putfield(Names.CPU, GENERAL.get(register), CD_long);
  }

  /**
   * Whether a register's local holds what its memory does. Between calls that costs nothing; a
   * local that must live through one would be spilled, so it is read from memory again.
   */
  private boolean isAtHand(int register) {
    return atHandEpoch == code.epoch() && (atHand >>> register & 1) != 0;
  }

  private void noteAtHand(int register) {
    if (atHandEpoch != code.epoch()) {
      atHandEpoch = code.epoch();
      atHand = 0;
    }
    atHand |= 1 << register;
  }

  /** Stores the value on the stack to a register as an instruction of that size does. */
  void writeGuest(int register, int size) {
    switch (size) {
      case 8 -> {}
      case 4 -> code.loadConstant(MASK_32).land();
      default -> {
        long mask = size == 1 ? 0xff : 0xffff;
        code.loadConstant(mask).land();
        readGuest(register);
        code.loadConstant(~mask).land().lor();
      }
    }
    storeGuest(register);
  }

  void writeHighByte(int register) {
    code.loadConstant(0xffL).land().loadConstant(8).lshl();
    readGuest(register);
    code.loadConstant(~0xff00L).land().lor();
    storeGuest(register);
  }

  /** Replaces two longs by how they compare as unsigned numbers, an int as of lcmp. */
  void compareUnsigned() {
    if (inMemory) {
      // To the quick compiler the method would be a call.
      code.loadConstant(Long.MIN_VALUE).lxor().lstore(Locals.SPILL);
      code.loadConstant(Long.MIN_VALUE).lxor().lload(Locals.SPILL).lcmp();
    } else {
      code.invokestatic(Names.LONG_CLASS, "compareUnsigned", Names.LONG_LONG_TO_INT);
    }
  }

  /** Has where to go on, in a local, checked. */
  void checkTarget(int local) {
    assert marked;
    code.aload(Locals.CPU).lload(local);
    code.invokestatic(Names.RUNTIME, "canonical", Names.CPU_LONG_TO_LONG);
    code.lstore(local);
  }

  // Operands.

  /** Pushes operand {@code n}, which is no memory operand. */
  void readSimple(Insn insn, int n) {
    switch (insn.kind(n)) {
      case GPR -> readGuest(insn.register(n));
      case HIGH_BYTE -> {
        readGuest(insn.register(n));
        code.loadConstant(8).lushr();
      }
      case IMMEDIATE -> code.loadConstant(insn.immediate);
      default -> throw new IllegalStateException("not simple: " + insn.kind(n));
    }
  }

  static boolean isSimple(OperandKind kind) {
    return kind == OperandKind.GPR
        || kind == OperandKind.HIGH_BYTE
        || kind == OperandKind.IMMEDIATE;
  }

  static boolean isRegister(OperandKind kind) {
    return kind == OperandKind.GPR || kind == OperandKind.HIGH_BYTE;
  }

  /** Pops a value into register operand {@code n}. */
  void writeRegister(Insn insn, int n, int size) {
    if (insn.kind(n) == OperandKind.HIGH_BYTE) {
      writeHighByte(insn.register(n));
    } else {
      writeGuest(insn.register(n), size);
    }
  }

  /** Pushes the RIP at an offset from the region's base. */
  void pushRip(long offset) {
    code.lload(Locals.BASE).loadConstant(offset).ladd();
    zeroExtend(wide ? 8 : 4);
  }

  /** Pushes the RIP at the offset in an int local. */
  void pushRipAt(int local) {
    code.lload(Locals.BASE).iload(local).i2l().ladd();
    zeroExtend(wide ? 8 : 4);
  }

  /** Pushes the offset of the memory operand. */
  void offset(Insn insn, int pageOffset) {
    long displacement = displacement(insn, pageOffset);
    boolean empty = pushBaseAndIndex(insn);
    if (empty) {
      code.loadConstant(displacement);
    } else if (displacement != 0) {
      code.loadConstant(displacement).ladd();
    }
    if (insn.addressSize == 4) {
      code.loadConstant(MASK_32).land();
    }
  }

  /** Pushes what a memory operand consists of beside the displacement; tells whether nothing. */
  private boolean pushBaseAndIndex(Insn insn) {
    boolean empty = true;
    if (insn.ripRelative) {
      code.lload(Locals.BASE);
      empty = false;
    }
    if (insn.base != Insn.NO_REGISTER) {
      readGuest(insn.base);
      empty = false;
    }
    if (insn.index != Insn.NO_REGISTER) {
      readGuest(insn.index);
      if (insn.scale != 0) {
        code.loadConstant(insn.scale).lshl();
      }
      if (!empty) {
        code.ladd();
      }
      empty = false;
    }
    return empty;
  }

  /** What is added to base and index: from the region's base if that is RIP. */
  private static long displacement(Insn insn, int pageOffset) {
    return insn.ripRelative ? insn.displacement + pageOffset + insn.length : insn.displacement;
  }

  /** Whether a small region hands the displacement to the access, which adds it. */
  private boolean hasDisplacementApart(Insn insn, int pageOffset) {
    long displacement = displacement(insn, pageOffset);
    return inMemory
        && insn.addressSize == 8
        && insn.segment < Cpu.FS
        && displacement == (int) displacement
        && (insn.ripRelative || insn.base != Insn.NO_REGISTER || insn.index != Insn.NO_REGISTER);
  }

  /** Pushes the linear address of the memory operand. */
  void address(Insn insn, int pageOffset) {
    offset(insn, pageOffset);
    addSegmentBase(insn);
  }

  /** Makes the memory operand's offset on the stack its linear address. */
  void addSegmentBase(Insn insn) {
    if (insn.segment >= Cpu.FS) {
      boolean isFs = insn.segment == Cpu.FS;
      if (inMemory) {
        pushSegmentBase(isFs ? "fs" : "gs");
      } else {
        code.lload(isFs ? Locals.FS_BASE : Locals.GS_BASE);
      }
      if (mayNotBeCanonical(insn)) {
        code.invokestatic(Names.CPU, "withBase", Names.LONG_LONG_TO_LONG);
      } else {
        code.ladd();
      }
    }
  }

  /** Whether a memory operand's offset may be none; what is near code that runs is. */
  private static boolean mayNotBeCanonical(Insn insn) {
    return insn.addressSize == 8
        && !insn.ripRelative
        && (insn.base != Insn.NO_REGISTER
            || insn.index != Insn.NO_REGISTER
            || insn.displacement != (int) insn.displacement);
  }

  /** Pushes the base of one of the CPU's segments. */
  void pushSegmentBase(String field) {
    code.aload(Locals.CPU).getfield(Names.CPU, field, Names.SEGMENT);
    code.getfield(Names.SEGMENT, "base", CD_long);
  }

  /**
   * Whether the address needs no check of limit or type, so that {@link #address} is right. A code
   * segment cannot be written to.
   */
  boolean hasPlainAddress(Insn insn) {
    return wide || insn.segment < 4 && insn.segment != Cpu.CS && insn.addressSize >= 4;
  }

  /** Begins an instruction, which nothing is marked of yet. */
  void begin() {
    marked = false;
  }

  /** Marks the instruction that a fault would be of. */
  void mark(int pageOffset) {
    marked = true;
    if (inMemory) {
      code.aload(Locals.CPU).loadConstant(pageOffset).putfield(Names.CPU, "faultOffset", CD_int);
    } else {
      code.loadConstant(pageOffset).istore(Locals.PC);
    }
  }

  /** Replaces the address on the stack, over the MMU below it, by what is there, zero-extended. */
  void load(int size) {
    assert marked;
    if (leavesOnMiss) {
      code.lstore(Locals.ACCESS).pop();
      requireHit("hitsForLoad", Locals.ACCESS, size);
      pushHit(Locals.ACCESS);
      loadFromHost(size);
      return;
    }
    code.invokevirtual(
        Names.MMU, LOADS[log2(size)], size == 8 ? Names.LONG_TO_LONG : Names.LONG_TO_INT);
    widen(size);
  }

  /** Leaves the region unless the access to an address in a local hits the TLB. */
  void requireHit(String kind, int addressLocal, int size) {
    pushWhetherHits(kind, addressLocal, size);
    leaveUnless();
  }

  private void pushWhetherHits(String kind, int addressLocal, int size) {
    code.lload(Locals.BANK).lload(addressLocal).loadConstant(size - 1);
    code.invokestatic(Names.MMU, kind, Names.LONG_LONG_INT_TO_BOOLEAN);
  }

  /** Leaves the region for the interpreter to execute the instruction unless an int is true. */
  void leaveUnless() {
    assert marked;
    code.ifeqDroppingAll(missed);
    mayMiss = true;
  }

  /** Pushes the host address of what an access hits. */
  void pushHit(int addressLocal) {
    code.lload(Locals.BANK).lload(addressLocal);
    code.invokestatic(Names.MMU, "hitAddress", Names.LONG_LONG_TO_LONG);
  }

  /** Replaces the host address on the stack by what is there, zero-extended. */
  void loadFromHost(int size) {
    code.invokeInlined(
        Names.HOST_ACCESS, LOADS[log2(size)], size == 8 ? Names.LONG_TO_LONG : Names.LONG_TO_INT);
    widen(size);
  }

  /** Stores the value on the stack at the host address below it. */
  void storeToHost(int size) {
    narrow(size);
    code.invokeInlined(
        Names.HOST_ACCESS,
        STORES[log2(size)],
        size == 8 ? Names.LONG_LONG_TO_VOID : Names.LONG_INT_TO_VOID);
  }

  /** Makes what was loaded a long, zero-extended; one or two bytes come so. */
  private void widen(int size) {
    if (size < 8) {
      code.i2l();
    }
    if (size == 4) {
      code.loadConstant(MASK_32).land();
    }
  }

  /** Makes a long what the MMU takes of that size. */
  private void narrow(int size) {
    if (size < 8) {
      code.l2i();
    }
  }

  /** Stores the value on the stack at the address below it, over the MMU. */
  void store(int size) {
    assert marked;
    if (leavesOnMiss) {
      code.lstore(Locals.SPILL).lstore(Locals.ACCESS).pop();
      requireHit("hitsForStore", Locals.ACCESS, size);
      pushHit(Locals.ACCESS);
      code.lload(Locals.SPILL);
      storeToHost(size);
      return;
    }
    narrow(size);
    code.invokevirtual(
        Names.MMU,
        STORES[log2(size)],
        size == 8 ? Names.LONG_LONG_TO_VOID : Names.LONG_INT_TO_VOID);
  }

  void mmu() {
    code.aload(Locals.MMU);
  }

  // Accesses that share a look at the TLB.

  private void findHost(SharedLookup lookup, SharedLookups.Access access, Runnable pushAddress) {
    mmu();
    pushAddress.run();
    code.loadConstant((int) (lookup.low() - access.displacement())).loadConstant(lookup.bytes());
    String method =
        access.stores() ? "hostForStore" : lookup.stores() ? "hostForLoadAndStores" : "hostForLoad";
    code.invokevirtual(Names.MMU, method, Names.LONG_INT_INT_TO_LONG);
    code.lstore(lookup.local);
    code.lload(lookup.local).lconst_0().lcmp().ifeqDroppingAll(split);
    maySplit = true;
  }

  private void requireHits(
      SharedLookup lookup, SharedLookups.Access access, int size, Runnable pushAddress) {
    pushAddress.run();
    plus(lookup.low() - access.displacement());
    code.lstore(Locals.ACCESS);
    pushWhetherHits(
        lookup.stores() ? "hitsForStore" : "hitsForLoad", Locals.ACCESS, lookup.bytes());
    if (lookup.bytes() == size) {
      leaveUnless();
    } else {
      code.ifeqDroppingAll(split);
      maySplit = true;
    }
    pushHit(Locals.ACCESS);
    code.lstore(lookup.local);
  }

  /**
   * Pushes the host address of an access.
   *
   * @param at offset of the instruction, which the interpreter is to execute if it is to be on its
   *     own
   * @param pushAddress pushes its linear address
   */
  private void pushShared(SharedLookups.Access access, int size, int at, Runnable pushAddress) {
    SharedLookup lookup = access.lookup();
    if (!lookup.isKnown()) {
      lookup.setKnown();
      code.loadConstant(at).istore(Locals.PC);
      marked |= !inMemory;
      if (inMemory) {
        findHost(lookup, access, pushAddress);
      } else {
        requireHits(lookup, access, size, pushAddress);
      }
    }
    code.lload(lookup.local);
    plus(access.displacement() - lookup.low());
  }

  /** Pushes the host address of the memory operand, which shares its look at the TLB. */
  void pushSharedOperand(Insn insn, int size, int pageOffset) {
    pushShared(Objects.requireNonNull(operand), size, pageOffset, () -> address(insn, pageOffset));
  }

  private void plus(long distance) {
    if (distance != 0) {
      code.loadConstant(distance).ladd();
    }
  }

  /** Pushes what is at the address in a register, zero-extended. */
  void loadSlot(int register, int size, int at) {
    pushShared(Objects.requireNonNull(slot), size, at, () -> readGuest(register));
    loadFromHost(size);
  }

  /** Stores the value in a local below the address in a register. */
  void storeSlotBelow(int register, int valueLocal, int size, int at) {
    pushShared(
        Objects.requireNonNull(slot),
        size,
        at,
        () -> {
          readGuest(register);
          code.loadConstant((long) size).lsub();
        });
    code.lload(valueLocal);
    storeToHost(size);
  }

  /** Stores what {@code pushValue} pushes to the memory operand. */
  void storeOperand(Insn insn, int size, int pageOffset, Runnable pushValue) {
    if (operand != null) {
      pushSharedOperand(insn, size, pageOffset);
      pushValue.run();
      storeToHost(size);
      return;
    }
    mark(pageOffset);
    mmu();
    if (hasDisplacementApart(insn, pageOffset)) {
      boolean ignored = pushBaseAndIndex(insn);
      pushValue.run();
      code.loadConstant((int) displacement(insn, pageOffset));
      code.invokevirtual(Names.MMU, "storeAt" + 8 * size, Names.LONG_LONG_INT_TO_VOID);
    } else {
      address(insn, pageOffset);
      pushValue.run();
      store(size);
    }
  }

  /** Pushes operand {@code n}, from memory where it is there. */
  void read(Insn insn, int n, int size, int pageOffset) {
    if (insn.kind(n) == OperandKind.MEMORY && operand != null) {
      pushSharedOperand(insn, size, pageOffset);
      loadFromHost(size);
    } else if (insn.kind(n) == OperandKind.MEMORY && hasDisplacementApart(insn, pageOffset)) {
      mark(pageOffset);
      mmu();
      boolean ignored = pushBaseAndIndex(insn);
      code.loadConstant((int) displacement(insn, pageOffset));
      code.invokevirtual(Names.MMU, "loadAt" + 8 * size, Names.LONG_INT_TO_LONG);
    } else if (insn.kind(n) == OperandKind.MEMORY) {
      mark(pageOffset);
      mmu();
      address(insn, pageOffset);
      load(size);
    } else {
      readSimple(insn, n);
    }
  }

  // Values.

  /** Clears the bits above an operand's size. */
  void zeroExtend(int size) {
    if (size < 4 && inMemory) {
      // The quick compiler has constants of ints in the instruction, and those of longs nowhere.
      code.l2i().loadConstant(-1 >>> 32 - 8 * size).iand().i2l();
    } else if (size != 8) {
      code.loadConstant(-1L >>> 64 - 8 * size).land();
    }
  }

  /** Makes the bits above an operand's size copies of its sign. */
  void signExtend(int size) {
    switch (size) {
      case 1 -> code.l2i().i2b().i2l();
      case 2 -> code.l2i().i2s().i2l();
      case 4 -> code.l2i().i2l();
      default -> {}
    }
  }

  /**
   * Reads a destination that will be changed: leaves its old value on the stack, and where it is
   * for {@link #writeUpdated}.
   */
  void readForUpdate(Insn insn, int pageOffset) {
    if (insn.kind0 == OperandKind.MEMORY && operand != null) {
      pushSharedOperand(insn, insn.operandSize, pageOffset);
      code.lstore(Locals.HOST).lload(Locals.HOST);
      loadFromHost(insn.operandSize);
    } else if (insn.kind0 == OperandKind.MEMORY) {
      address(insn, pageOffset);
      code.lstore(Locals.TEMP_ADDRESS);
      loadForUpdate(insn.operandSize, pageOffset);
    } else {
      readSimple(insn, 0);
    }
  }

  /** Pushes what is at TEMP_ADDRESS, which the same instruction will store to. */
  void loadForUpdate(int size, int pageOffset) {
    mark(pageOffset);
    if (leavesOnMiss) {
      // What may be written to may be read.
      requireHit("hitsForStore", Locals.TEMP_ADDRESS, size);
      pushHit(Locals.TEMP_ADDRESS);
      code.lstore(Locals.HOST).lload(Locals.HOST);
      loadFromHost(size);
      return;
    }
    mmu();
    code.lload(Locals.TEMP_ADDRESS).loadConstant(size);
    code.invokevirtual(Names.MMU, "loadForUpdate", Names.LONG_INT_TO_LONG);
  }

  /** Writes the value in a local to the destination that {@link #readForUpdate} read. */
  void writeUpdated(Insn insn, int local) {
    if (insn.kind0 == OperandKind.MEMORY && (leavesOnMiss || operand != null)) {
      code.lload(Locals.HOST).lload(local);
      storeToHost(insn.operandSize);
    } else if (insn.kind0 == OperandKind.MEMORY) {
      mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(local);
      store(insn.operandSize);
    } else {
      code.lload(local);
      writeRegister(insn, 0, insn.operandSize);
    }
  }

  // Flags: see FlagEmitter.

  /** Sets the lazy flags from two locals: result and source. */
  void setFlags(int kind, int resultLocal, int sourceLocal) {
    flags.set(kind, resultLocal, sourceLocal);
  }

  /** Makes the flags those on the stack (RFLAGS bits in a long). */
  void setKnownFlags() {
    flags.setKnown();
  }

  /** Pushes kind, result and source. */
  void pushFlags() {
    flags.push();
  }

  /** Pushes CF as an int. */
  void pushCarry() {
    flags.pushCarry();
  }

  /** Jumps to {@code target} when the condition holds; else goes on. */
  void branchIf(int condition, Label target) {
    conditions.branchIf(condition, target);
  }

  /** Whether anybody may look at one of these flags before they are overwritten. */
  boolean isLive(int rflagsBits) {
    return (flagsLive & rflagsBits) != 0;
  }

  static int log2(int size) {
    return 31 - Integer.numberOfLeadingZeros(size);
  }
}
