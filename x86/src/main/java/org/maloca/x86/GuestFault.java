package org.maloca.x86;

/**
 * A fault that the guest's instruction raised. One object per vCPU, preallocated and stackless; it
 * unwinds to the engine's loop, which delivers the exception to the guest.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

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

  /** Whether the vector pushes an error code. */
  public static boolean hasErrorCode(int vector) {
    return vector == DF || vector >= TS && vector <= PF || vector == AC;
  }
}
