package org.maloca.x86;

import org.maloca.x86.ir.Insn;

/**
 * A fault that the guest's instruction raised. One object per vCPU, preallocated and stackless; it
 * unwinds to the engine's loop, which delivers the exception to the guest.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int STACK_SEGMENT = 2;

  public static final int DE = 0;
  public static final int DB = 1;
  public static final int NMI = 2;
  public static final int BP = 3;
  public static final int OF = 4;
  public static final int BR = 5;
  public static final int UD = 6;
  public static final int NM = 7;
  public static final int DF = 8;
  public static final int TS = 10;
  public static final int NP = 11;
  public static final int SS = 12;
  public static final int GP = 13;
  public static final int PF = 14;
  public static final int MF = 16;
  public static final int AC = 17;
  public static final int MC = 18;
  public static final int XM = 19;

  /** No exception: the instruction is to be executed (again) after events were looked at. */
  public static final int RESTART = -1;

  /** No exception: compiled code leaves this instruction to the interpreter. */
  public static final int INTERPRET = -2;

  /** The vector. */
  public int vector;

  /** Pushed for vectors that have one. */
  public int errorCode;

  /** The linear address of a page fault, for CR2. */
  public long address;

  /** The fault is #GP(0) for a non-canonical address: it is #SS(0) if SS was the segment. */
  public boolean nonCanonical;

  GuestFault() {
    super(null, null, false, false);
  }

  /**
   * Settles which fault a non-canonical address of an instruction's memory operand is, which the
   * memory access itself could not know.
   */
  public void settle(Insn insn) {
    if (nonCanonical) {
      nonCanonical = false;
      if (insn.segment == STACK_SEGMENT) {
        vector = SS;
      }
    }
  }

  /** Whether the vector pushes an error code. */
  public static boolean hasErrorCode(int vector) {
    return vector == DF || vector >= TS && vector <= PF || vector == AC;
  }
}
