package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Comparison;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;

/**
 * Bytecode for conditions (Intel SDM vol. 1, appendix B): comparisons of what the flags follow
 * from, in as many bits as the instruction's operands have, so that the host compares once.
 */
final class ConditionEmitter {
  /** How two numbers compare. */
  private enum Order {
    EQUAL(Comparison.EQUAL, false),
    BELOW(Comparison.LESS, true),
    BELOW_OR_EQUAL(Comparison.LESS_OR_EQUAL, true),
    LESS(Comparison.LESS, false),
    LESS_OR_EQUAL(Comparison.LESS_OR_EQUAL, false);

    private final Comparison comparison;

    /** Whether it is one of numbers without sign. */
    final boolean unsigned;

    Order(Comparison comparison, boolean unsigned) {
      this.comparison = comparison;
      this.unsigned = unsigned;
    }

    Comparison comparison(boolean negated) {
      return negated ? comparison.negated() : comparison;
    }
  }

  /** What a pair of conditions says of a subtraction's operands; null where it is none of these. */
  private static final @Nullable Order[] ORDERS = {
    null, Order.BELOW, null, Order.BELOW_OR_EQUAL, null, null, Order.LESS, Order.LESS_OR_EQUAL
  };

  private final Emitter emitter;
  private final FlagEmitter flags;
  private final MethodCode code;

  ConditionEmitter(Emitter emitter, FlagEmitter flags) {
    this.emitter = emitter;
    this.flags = flags;
    code = emitter.code;
  }

  /** Jumps to {@code target} when the condition holds; else goes on. */
  void branchIf(int condition, Label target) {
    if (flags.knows(FlagEmitter.COMPARED)) {
      new FloatCondition(code).branchIf(condition, target);
      return;
    }
    int base = flags.underlay();
    int pair = condition >>> 1;
    boolean negated = (condition & 1) != 0;
    boolean followsFromResult = base != Emitter.UNKNOWN && base != Flags.KNOWN;
    if (flags.isExact() && base == Flags.COMPARE && pair == 2) {
      compareOperands(Order.EQUAL, negated, target);
    } else if (followsFromResult && pair == 2) {
      compareResult(Order.EQUAL, negated, target);
    } else if (followsFromResult && pair == 4) {
      compareResult(Order.LESS, negated, target);
    } else if (flags.isExact() && isDifference(base) && ORDERS[pair] != null) {
      compareOperands(ORDERS[pair], negated, target);
    } else if (flags.isExact() && isLogic(base) && (pair == 3 || pair >= 6)) {
      // CF and OF are clear: BE is E, L is S, LE is S or E.
      compareResult(pair == 3 ? Order.EQUAL : ORDERS[pair], negated, target);
    } else if (pair == 1 && (followsFromResult || base == Flags.KNOWN || knowsCarry())) {
      flags.pushCarry();
      branchOnInt(negated, target);
    } else if (pair == 0 && flags.knows(Flags.OVERLAYS_OF)) {
      // What lies under the overlay may not have been set at all.
      flags.pushOverflow();
      branchOnInt(negated, target);
    } else if (base == Flags.KNOWN && (pair == 2 || pair == 4 || pair == 5)) {
      int flag = pair == 2 ? Flags.ZF : pair == 4 ? Flags.SF : Flags.PF;
      code.lload(Locals.FLAG_SOURCE).l2i().loadConstant(flag).iand();
      branchOnInt(negated, target);
    } else if (flags.isExact() && base == Flags.KNOWN && pair == 3) {
      code.lload(Locals.FLAG_SOURCE).l2i().loadConstant(Flags.CF | Flags.ZF).iand();
      branchOnInt(negated, target);
    } else {
      code.loadConstant(condition);
      flags.push();
      code.invokestatic(Names.FLAGS, "condition", Names.CONDITION);
      code.ifne(target);
    }
  }

  private boolean knowsCarry() {
    return flags.knows(Flags.OVERLAYS_CF);
  }

  /** Jumps when the int on the stack is not zero, or when it is. */
  private void branchOnInt(boolean negated, Label target) {
    if (negated) {
      code.ifeq(target);
    } else {
      code.ifne(target);
    }
  }

  private static boolean isDifference(int base) {
    return base == Flags.SUB || base == Flags.COMPARE;
  }

  private static boolean isLogic(int base) {
    return base == Flags.LOGIC || base == Flags.TEST;
  }

  /** Compares the result as a signed number with 0. */
  private void compareResult(Order order, boolean negated, Label target) {
    int base = flags.underlay();
    pushNarrow(Locals.FLAG_RESULT);
    if (base == Flags.COMPARE || base == Flags.TEST) {
      pushNarrow(Locals.FLAG_SOURCE);
      combine(base == Flags.TEST);
    }
    if (isLong()) {
      code.lconst_0().lcmp();
    } else {
      cutSigned();
    }
    code.ifZero(order.comparison(negated), target);
  }

  /** Pops two numbers: pushes the bits that both have, or the difference. */
  private void combine(boolean bits) {
    if (isLong()) {
      if (bits) {
        code.land();
      } else {
        code.lsub();
      }
    } else if (bits) {
      code.iand();
    } else {
      code.isub();
    }
  }

  /** Compares the operands of a subtraction. */
  private void compareOperands(Order order, boolean negated, Label target) {
    pushMinuend();
    cut(order);
    pushNarrow(Locals.FLAG_SOURCE);
    cut(order);
    if (isLong()) {
      if (order.unsigned) {
        emitter.compareUnsigned();
      } else {
        code.lcmp();
      }
      code.ifZero(order.comparison(negated), target);
    } else if (order.unsigned && size() == 4 && !emitter.inMemory) {
      code.invokestatic(Names.INTEGER_CLASS, "compareUnsigned", Names.INT_INT_TO_INT);
      code.ifZero(order.comparison(negated), target);
    } else {
      code.ifInts(order.comparison(negated), target);
    }
  }

  private void pushMinuend() {
    if (flags.underlay() == Flags.SUB) {
      code.lload(Locals.FLAG_RESULT).lload(Locals.FLAG_SOURCE).ladd();
      if (!isLong()) {
        code.l2i();
      }
    } else {
      pushNarrow(Locals.FLAG_RESULT);
    }
  }

  private int size() {
    return 1 << (emitter.flagKind & 3);
  }

  private boolean isLong() {
    return size() == 8;
  }

  /** Pushes a local: as an int where operands fit one. */
  private void pushNarrow(int local) {
    code.lload(local);
    if (!isLong()) {
      code.l2i();
    }
  }

  /** Cuts an int to the operand's size, so that two compare as the operands do. */
  private void cut(Order order) {
    switch (size()) {
      case 1, 2 -> {
        if (order.unsigned) {
          code.loadConstant(size() == 1 ? 0xff : 0xffff).iand();
        } else {
          cutSigned();
        }
      }
      case 4 -> {
        if (order.unsigned && emitter.inMemory) {
          // To the quick compiler the library's comparison would be a call.
          code.loadConstant(Integer.MIN_VALUE).ixor();
        }
      }
      default -> {}
    }
  }

  private void cutSigned() {
    switch (size()) {
      case 1 -> code.i2b();
      case 2 -> code.i2s();
      default -> {}
    }
  }
}
