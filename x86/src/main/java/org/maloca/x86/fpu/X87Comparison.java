package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.NearestExtended;

/**
 * FCOM, FUCOM, FICOM, FCOMI, FUCOMI and FTST. The condition codes or flags are set even if an
 * unmasked exception then stops the pops.
 */
public final class X87Comparison {
  /** The order of numbers of which one is a NaN. */
  private static final int UNORDERED = 2;

  private static final int CONDITION_BITS = X87State.C0 | X87State.C2 | X87State.C3;

  private X87Comparison() {}

  /** FCOM, FUCOM with ST(source): sets the condition codes. */
  public static void compare(Cpu cpu, int source, boolean signaling, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.top;
    int s = x87.physical(source);
    int order =
        x87.areInUse(d, s)
            ? NearestExtended.compare(
                x87.signExponent[d], x87.mantissa[d], x87.signExponent[s], x87.mantissa[s])
            : UNORDERED;
    if (order != UNORDERED) {
      setConditions(x87, order);
      X87Unit.pop(x87, pops);
    } else {
      X87Unit.clearRaised(x87);
      exactly(x87, x87.isEmpty(source), x87.signExponent[s], x87.mantissa[s], signaling, pops);
    }
  }

  /** FCOM, FICOM with the operand that {@link X87Operands} began with. */
  public static void compareOperand(Cpu cpu, int pops) {
    X87State x87 = cpu.x87;
    int d = x87.top;
    FloatEnv env = x87.env;
    int se = env.signExp;
    long m = env.mantissa;
    int order =
        x87.areInUse(d, d)
            ? NearestExtended.compare(x87.signExponent[d], x87.mantissa[d], se, m)
            : UNORDERED;
    // The operand may have been denormal before it was widened.
    if (order != UNORDERED && env.flags == 0) {
      setConditions(x87, order);
      X87Unit.pop(x87, pops);
    } else {
      exactly(x87, false, se, m, true, pops);
    }
  }

  private static void exactly(
      X87State x87, boolean sourceIsEmpty, int se, long m, boolean signaling, int pops) {
    boolean stopped;
    int order;
    if (sourceIsEmpty || x87.isEmpty(0)) {
      stopped = !X87Unit.stackFault(x87, false);
      order = UNORDERED;
    } else {
      order = order(x87, se, m, signaling);
      x87.env.roundedUp = false;
      stopped = X87Unit.merge(x87);
    }
    x87.status = x87.status & ~CONDITION_BITS | bits(order);
    if (!stopped) {
      X87Unit.pop(x87, pops);
    }
  }

  private static int order(X87State x87, int se, long m, boolean signaling) {
    int aSe = X87Unit.signExponent(x87, 0);
    long aM = X87Unit.mantissa(x87, 0);
    return signaling
        ? Float80.compareSignaling(aSe, aM, se, m, x87.env)
        : Float80.compareQuiet(aSe, aM, se, m, x87.env);
  }

  private static void setConditions(X87State x87, int order) {
    x87.status = x87.status & ~(CONDITION_BITS | X87State.C1) | bits(order);
  }

  private static int bits(int order) {
    return switch (order) {
      case -1 -> X87State.C0;
      case 0 -> X87State.C3;
      case 1 -> 0;
      default -> CONDITION_BITS;
    };
  }

  /** FCOMI, FUCOMI with ST(source): returns the arithmetic flags. C1 stays. */
  public static int compareToFlags(Cpu cpu, int source, boolean signaling, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.top;
    int s = x87.physical(source);
    int order =
        x87.areInUse(d, s)
            ? NearestExtended.compare(
                x87.signExponent[d], x87.mantissa[d], x87.signExponent[s], x87.mantissa[s])
            : UNORDERED;
    if (order == UNORDERED) {
      return exactlyToFlags(x87, source, signaling, pops);
    }
    X87Unit.pop(x87, pops);
    return flags(order);
  }

  private static int exactlyToFlags(X87State x87, int source, boolean signaling, int pops) {
    X87Unit.clearRaised(x87);
    boolean stopped;
    int order;
    if (x87.isEmpty(0) || x87.isEmpty(source)) {
      stopped = !X87Unit.stackFault(x87, false);
      order = UNORDERED;
    } else {
      order =
          order(x87, X87Unit.signExponent(x87, source), X87Unit.mantissa(x87, source), signaling);
      int kept = x87.status & X87State.C1;
      x87.env.roundedUp = false;
      stopped = X87Unit.merge(x87);
      x87.status |= kept;
    }
    if (!stopped) {
      X87Unit.pop(x87, pops);
    }
    return flags(order);
  }

  private static int flags(int order) {
    return switch (order) {
      case -1 -> Flags.CF;
      case 0 -> Flags.ZF;
      case 1 -> 0;
      default -> Flags.ZF | Flags.PF | Flags.CF;
    };
  }

  /** FTST. */
  public static void testAgainstZero(Cpu cpu) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.setC1(x87, false);
    int order = UNORDERED;
    if (x87.isEmpty(0)) {
      boolean ignored = X87Unit.stackFault(x87, false);
    } else {
      order = order(x87, 0, 0, true);
      x87.env.roundedUp = false;
      boolean ignored = X87Unit.merge(x87);
    }
    x87.status = x87.status & ~CONDITION_BITS | bits(order);
  }
}
