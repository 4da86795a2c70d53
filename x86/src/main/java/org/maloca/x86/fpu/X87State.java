package org.maloca.x86.fpu;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.NearestExtended;

/**
 * The x87 unit's registers (Intel SDM vol. 1, chapter 8), which MMX shares. Data registers are kept
 * by physical number R0..R7; ST(i) is R(TOP + i).
 */
public final class X87State {
  public static final int TAG_VALID = 0;
  public static final int TAG_ZERO = 1;
  public static final int TAG_SPECIAL = 2;
  public static final int TAG_EMPTY = 3;

  /** Status word bits. */
  public static final int IE = 1;

  public static final int STACK_FAULT = 1 << 6;
  public static final int ERROR_SUMMARY = 1 << 7;
  public static final int C0 = 1 << 8;
  public static final int C1 = 1 << 9;
  public static final int C2 = 1 << 10;
  public static final int C3 = 1 << 14;
  public static final int BUSY = 1 << 15;

  /** Significands by physical register; an MMX register is the significand of its number. */
  public final long[] mantissa = new long[8];

  /** Sign (bit 15) and exponent by physical register. */
  public final int[] signExponent = new int[8];

  /** A bit for each physical register that is empty; the full tags follow from the contents. */
  public int emptyMask;

  /** TOP, 0 to 7. */
  public int top;

  /** Status word without TOP. */
  public int status;

  public int control = 0x37f;

  /** Opcode, instruction and data pointers of the last non-control instruction. */
  public int lastOpcode;

  public long lastInstruction;
  public int lastInstructionSelector;
  public long lastData;
  public int lastDataSelector;

  /** Rounding, precision and masks for the arithmetic, kept equal to {@link #control}. */
  public final FloatEnv env = new FloatEnv();

  /** Rounding is to nearest and precision 64 bits: what {@link NearestExtended} is for. */
  private boolean nearestExtended;

  public X87State() {
    setControl(0x37f);
  }

  /** Physical number of ST(i). */
  public int physical(int i) {
    return top + i & 7;
  }

  public boolean isEmpty(int i) {
    return (emptyMask >>> physical(i) & 1) != 0;
  }

  /** Writes the control word and what follows from it: the error summary too. */
  public void setControl(int value) {
    control = value & 0x1f7f | 0x40;
    env.rounding = control >>> 10 & 3;
    env.precision =
        switch (control >>> 8 & 3) {
          case 0 -> 24;
          case 2 -> 53;
          default -> 64;
        };
    env.maskedExceptions = control & 0x3f;
    nearestExtended = env.rounding == FloatEnv.NEAREST_EVEN && env.precision == 64;
    updateErrorSummary();
  }

  // The common case; registers are given by physical number.

  /** Whether neither register is empty. */
  boolean areInUse(int a, int b) {
    return ((emptyMask >>> a | emptyMask >>> b) & 1) == 0;
  }

  /** Whether {@link NearestExtended} may be tried on two registers. */
  boolean areCommon(int a, int b) {
    return nearestExtended && areInUse(a, b);
  }

  boolean roundsToNearest() {
    return env.rounding == FloatEnv.NEAREST_EVEN;
  }

  /**
   * Whether {@link NearestExtended} may be tried on a register and an operand from memory, which
   * raised nothing.
   */
  boolean isCommonWithOperand(int a) {
    return nearestExtended && (emptyMask >>> a & 1) == 0 && env.flags == 0;
  }

  /**
   * Ends an operation of the common case: status, result, pops.
   *
   * @param raised what {@link NearestExtended} answered
   * @return false when the case is not common: nothing has changed
   */
  boolean finish(int register, int raised, int pops) {
    if (raised == NearestExtended.UNCOMMON) {
      return false;
    }
    raise(raised);
    signExponent[register] = env.signExp;
    mantissa[register] = env.mantissa;
    drop(pops);
    return true;
  }

  /** Merges what the common case raises into the status word: PE, and C1 as it says. */
  void raise(int raised) {
    status = status & ~C1 | raised;
    if ((raised & ~control & FloatEnv.PE) != 0) {
      updateErrorSummary();
    }
  }

  /** Pops none, one or two registers. */
  void drop(int pops) {
    if (pops != 0) {
      X87Unit.pop(this, pops);
    }
  }

  /** Recomputes ES and B from unmasked exceptions. */
  public void updateErrorSummary() {
    if ((status & 0x3f & ~control) != 0) {
      status |= ERROR_SUMMARY | BUSY;
    } else {
      status &= ~(ERROR_SUMMARY | BUSY);
    }
  }

  /** The status word with TOP. */
  public int statusWord() {
    return status & ~0x3800 | top << 11;
  }

  public void setStatusWord(int value) {
    top = value >>> 11 & 7;
    status = value & ~0x3800 & 0xffff;
    updateErrorSummary();
  }

  /** The full tag word, two bits a physical register. */
  public int tagWord() {
    int tags = 0;
    for (int i = 0; i < 8; i++) {
      tags |= tagOf(i) << 2 * i;
    }
    return tags;
  }

  private int tagOf(int register) {
    if ((emptyMask >>> register & 1) != 0) {
      return TAG_EMPTY;
    }
    int exponent = signExponent[register] & 0x7fff;
    long m = mantissa[register];
    if (exponent == 0 && m == 0) {
      return TAG_ZERO;
    }
    return exponent == 0 || exponent == 0x7fff || m >= 0 ? TAG_SPECIAL : TAG_VALID;
  }

  /** Takes which registers are empty from a full tag word. */
  public void setTagWord(int tags) {
    emptyMask = 0;
    for (int i = 0; i < 8; i++) {
      if ((tags >>> 2 * i & 3) == TAG_EMPTY) {
        emptyMask |= 1 << i;
      }
    }
  }

  /** FNINIT. */
  public void initialize() {
    status = 0;
    top = 0;
    emptyMask = 0xff;
    setControl(0x37f);
    lastOpcode = 0;
    lastInstruction = 0;
    lastInstructionSelector = 0;
    lastData = 0;
    lastDataSelector = 0;
  }

  // MMX.

  public long mmx(int register) {
    return mantissa[register];
  }

  /** Writes an MMX register: the exponent becomes all ones. */
  public void setMmx(int register, long value) {
    mantissa[register] = value;
    signExponent[register] = 0xffff;
  }

  /** What every MMX instruction does: TOP is 0, no register is empty. */
  public void enterMmx() {
    top = 0;
    emptyMask = 0;
  }

  /** Raises what an MMX instruction raises before it does anything: #UD, #NM or #MF. */
  public void checkMmxUsable(Cpu cpu) {
    if ((cpu.cr0 & ControlRegisters.CR0_EM) != 0) {
      throw cpu.undefinedOpcode();
    }
    checkAvailable(cpu);
    checkPending(cpu);
  }

  /** Raises #NM while the unit's state belongs to somebody else. */
  public void checkAvailable(Cpu cpu) {
    if ((cpu.cr0 & (ControlRegisters.CR0_EM | ControlRegisters.CR0_TS)) != 0) {
      throw cpu.fault(GuestFault.NM, 0);
    }
  }

  /** Raises #MF for an exception that an earlier instruction left pending. */
  public void checkPending(Cpu cpu) {
    if ((status & ERROR_SUMMARY) != 0) {
      throw cpu.fault(GuestFault.MF, 0);
    }
  }
}
