package org.maloca.x86;

/** The values of those MSRs that hold state of the core and are no fields of {@link Cpu} itself. */
public final class ModelSpecificRegisters {
  public long star;
  public long lstar;
  public long cstar;
  public long sfmask;
  public long kernelGsBase;
  public long sysenterCs;
  public long sysenterEsp;
  public long sysenterEip;
  public long tscAux;
  public long pat = 0x0007_0406_0007_0406L;
  public long miscEnable = 1;
  public long tscAdjust;

  /** Ticks to add to the machine's counter: the guest may set its own. */
  public long tscOffset;

  public long debugControl;
  public long mtrrDefType;
  public final long[] mtrrVariable = new long[16];
  public final long[] mtrrFixed = new long[11];
}
