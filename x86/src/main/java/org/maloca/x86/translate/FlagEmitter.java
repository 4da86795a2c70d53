package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;

/**
 * Bytecode for arithmetic flags: directly on what the flags follow from, where that is known when
 * the code is emitted. See {@link ConditionEmitter} for who branches on them.
 *
 * <p>{@link Emitter#flagKind} is what is known of the lazy flags' kind: {@link Emitter#UNKNOWN} for
 * nothing; else the kind itself, with the overlays of {@link Flags} (but not their values) and the
 * bits below.
 */
final class FlagEmitter {
  /**
   * The kind without overlays is {@code flagKind}'s or the next one, by whether there was a carry.
   */
  private static final int CARRY_VARIES = 1 << 16;

  /** The kind without overlays is not known. */
  private static final int UNDERLAY_UNKNOWN = 1 << 17;

  /**
   * The flags are those of a comparison of the doubles in {@link Locals#COMPARED_A} and {@link
   * Locals#COMPARED_B}.
   */
  static final int COMPARED = 1 << 18;

  private static final int OVERLAYS = Flags.OVERLAYS_CF | Flags.OVERLAYS_OF;
  private static final int CF_SHIFT = 10;

  private final Emitter emitter;
  private final MethodCode code;

  FlagEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  // Setting.

  /** Sets the lazy flags from two locals: result and source. */
  void set(int kind, int resultLocal, int sourceLocal) {
    if (emitter.flagsLive == 0) {
      return;
    }
    code.loadConstant(kind).istore(Locals.FLAG_KIND);
    code.lload(resultLocal).lstore(Locals.FLAG_RESULT);
    code.lload(sourceLocal).lstore(Locals.FLAG_SOURCE);
    writeThrough(true);
    emitter.flagKind = kind;
  }

  /**
   * Sets the lazy flags of an addition or subtraction with a carry, 0 or 1 in an int local, from
   * two more locals.
   *
   * @param kind {@link Flags#ADD} or {@link Flags#SUB}, with the size
   */
  void setWithCarry(int kind, int carryLocal, int resultLocal, int sourceLocal) {
    if (emitter.flagsLive == 0) {
      return;
    }
    // ADD and ADD_CARRY, SUB and SUB_BORROW follow each other: kind = first + 4 * carry.
    code.iload(carryLocal).loadConstant(2).ishl();
    code.loadConstant(kind).iadd().istore(Locals.FLAG_KIND);
    code.lload(resultLocal).lstore(Locals.FLAG_RESULT);
    code.lload(sourceLocal).lstore(Locals.FLAG_SOURCE);
    writeThrough(true);
    emitter.flagKind = kind | CARRY_VARIES;
  }

  /** Makes the flags those on the stack (RFLAGS bits in a long). */
  void setKnown() {
    if (emitter.flagsLive == 0) {
      code.pop2();
      return;
    }
    code.lstore(Locals.FLAG_SOURCE);
    code.loadConstant(Flags.KNOWN).istore(Locals.FLAG_KIND);
    if (emitter.inMemory) {
      // Nobody looks at it, but the local is loaded wherever it is not known that nobody does.
      code.lload(Locals.FLAG_SOURCE).lstore(Locals.FLAG_RESULT);
    }
    writeThrough(true);
    emitter.flagKind = Flags.KNOWN;
  }

  /**
   * Makes the flags those on the stack, which follow from the doubles in {@link Locals#COMPARED_A}
   * and {@link Locals#COMPARED_B}.
   */
  void setCompared() {
    setKnown();
    if (emitter.flagsLive != 0) {
      emitter.flagKind |= COMPARED;
    }
  }

  /** Makes CF the int on the stack, 0 or 1; the other flags stay. */
  void overlayCarry() {
    code.loadConstant(CF_SHIFT).ishl();
    overlay(Flags.OVERLAYS_CF, Flags.OVERLAY_CF);
  }

  /** Makes OF the int on the stack, 0 or 1; the other flags stay. */
  void overlayOverflow() {
    code.loadConstant(CF_SHIFT + 1).ishl();
    overlay(Flags.OVERLAYS_OF, Flags.OVERLAY_OF);
  }

  /** Makes CF and OF bits 0 and 1 of the int on the stack; the other flags stay. */
  void overlayCarryAndOverflow() {
    code.loadConstant(CF_SHIFT).ishl();
    overlay(OVERLAYS, Flags.OVERLAY_CF | Flags.OVERLAY_OF);
  }

  private void overlay(int overlays, int values) {
    int known =
        emitter.flagKind == Emitter.UNKNOWN ? UNDERLAY_UNKNOWN : emitter.flagKind & ~COMPARED;
    boolean kindIsKnown = (known & (CARRY_VARIES | UNDERLAY_UNKNOWN | OVERLAYS & ~overlays)) == 0;
    if (kindIsKnown) {
      code.loadConstant(known & Flags.KIND_MASK | overlays).ior();
    } else {
      pushKind();
      code.loadConstant(~values).iand().ior();
      code.loadConstant(overlays).ior();
    }
    code.istore(Locals.FLAG_KIND);
    writeThrough(false);
    emitter.flagKind = known | overlays;
  }

  /** The local may hold nothing where flags that nobody will look at were not set. */
  private void pushKind() {
    if (emitter.inMemory) {
      code.aload(Locals.CPU).getfield(Names.CPU, "flagKind", CD_int);
    } else {
      code.iload(Locals.FLAG_KIND);
    }
  }

  /** Keeps the CPU's fields up to date where a region keeps its state there. */
  private void writeThrough(boolean all) {
    if (!emitter.inMemory) {
      return;
    }
    code.aload(Locals.CPU).iload(Locals.FLAG_KIND).putfield(Names.CPU, "flagKind", CD_int);
    if (all) {
      code.aload(Locals.CPU).lload(Locals.FLAG_RESULT).putfield(Names.CPU, "flagResult", CD_long);
      code.aload(Locals.CPU).lload(Locals.FLAG_SOURCE).putfield(Names.CPU, "flagSource", CD_long);
    }
  }

  // Reading.

  /** Pushes kind, result and source. */
  void push() {
    if (isExact()) {
      code.loadConstant(emitter.flagKind);
    } else {
      code.iload(Locals.FLAG_KIND);
    }
    code.lload(Locals.FLAG_RESULT).lload(Locals.FLAG_SOURCE);
  }

  /** Whether the kind in the local is just the known one. */
  boolean isExact() {
    return emitter.flagKind >= 0 && emitter.flagKind <= Flags.KIND_MASK;
  }

  /** The kind without size, overlays and other bits, or {@link Emitter#UNKNOWN}. */
  int underlay() {
    return emitter.flagKind == Emitter.UNKNOWN || (emitter.flagKind & UNDERLAY_UNKNOWN) != 0
        ? Emitter.UNKNOWN
        : emitter.flagKind & Flags.KIND_MASK & ~3;
  }

  boolean knows(int bit) {
    return emitter.flagKind != Emitter.UNKNOWN && (emitter.flagKind & bit) != 0;
  }

  /** Pushes CF as an int. */
  void pushCarry() {
    if (knows(Flags.OVERLAYS_CF)) {
      code.iload(Locals.FLAG_KIND).loadConstant(CF_SHIFT).iushr().iconst_1().iand();
      return;
    }
    switch (underlay()) {
      case Flags.LOGIC, Flags.TEST -> code.iconst_0();
      case Flags.KNOWN,
          Flags.INC,
          Flags.DEC,
          Flags.RESULT_AND_CARRIES,
          Flags.SHIFT_RIGHT,
          Flags.SHIFT_ARITHMETIC ->
          code.lload(Locals.FLAG_SOURCE).l2i().iconst_1().iand();
      case Flags.SHIFT_LEFT -> {
        shifted(Locals.FLAG_SOURCE);
        code.loadConstant(63).lushr().l2i();
      }
      case Flags.ADD, Flags.COMPARE -> {
        shifted(Locals.FLAG_RESULT);
        shifted(Locals.FLAG_SOURCE);
        compareWithCarry(3);
      }
      case Flags.SUB -> {
        code.lload(Locals.FLAG_RESULT).lload(Locals.FLAG_SOURCE).ladd();
        if (knows(CARRY_VARIES)) {
          pushCarryIn(4);
          code.i2l().ladd();
        }
        shift();
        shifted(Locals.FLAG_SOURCE);
        compareWithCarry(4);
      }
      default -> {
        push();
        code.invokestatic(Names.FLAGS, "carry", Names.LAZY_TO_BOOLEAN);
      }
    }
  }

  /** Pushes the carry that the kind in the local tells of, in that bit. */
  private void pushCarryIn(int bit) {
    code.iload(Locals.FLAG_KIND).loadConstant(bit).iushr().iconst_1().iand();
  }

  /** Carry out: the first is below the second, or equal when there was a carry in. */
  private void compareWithCarry(int carryBit) {
    emitter.compareUnsigned();
    if (knows(CARRY_VARIES)) {
      pushCarryIn(carryBit);
      code.isub();
    }
    code.loadConstant(31).iushr();
  }

  /** Pushes OF as an int. */
  void pushOverflow() {
    if (knows(Flags.OVERLAYS_OF)) {
      code.iload(Locals.FLAG_KIND).loadConstant(CF_SHIFT + 1).iushr().iconst_1().iand();
      return;
    }
    switch (underlay()) {
      case Flags.LOGIC, Flags.TEST, Flags.SHIFT_ARITHMETIC -> code.iconst_0();
      case Flags.KNOWN, Flags.RESULT_AND_CARRIES ->
          code.lload(Locals.FLAG_SOURCE).l2i().loadConstant(11).iushr().iconst_1().iand();
      default -> {
        push();
        code.invokestatic(Names.FLAGS, "overflow", Names.LAZY_TO_BOOLEAN);
      }
    }
  }

  /** Pushes a local with the operand's top bit at bit 63. */
  private void shifted(int local) {
    code.lload(local);
    shift();
  }

  private void shift() {
    int size = 8 << (emitter.flagKind & 3);
    if (size != 64) {
      code.loadConstant(64 - size).lshl();
    }
  }
}
