package org.maloca.core.cpu;

/**
 * The whole architectural state of one x86-64 CPU, the same for every engine: snapshots, lockstep
 * checks, boot loaders and debuggers speak in it. A plain mutable holder; not thread-safe.
 */
public final class CpuState {
  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;

  public static final int ES = 0;
  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;

  /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15: the encoding's order. */
  public final long[] gpr = new long[16];

  public long rip;
  public long rflags = 2;

  /** ES, CS, SS, DS, FS, GS: the encoding's order. */
  public final SegmentState[] segments = new SegmentState[6];

  public final SegmentState ldtr = new SegmentState();
  public final SegmentState tr = new SegmentState();
  public long gdtrBase;
  public int gdtrLimit;
  public long idtrBase;
  public int idtrLimit;

  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;
  public int cr8;
  public long xcr0 = 1;

  /** DR0..DR3 at 0..3, DR6 at 6, DR7 at 7. */
  public final long[] dr = new long[8];

  public long efer;
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
  public long miscEnable;
  public long tscAdjust;
  public long debugControl;
  public long mtrrDefType;

  /** Base and mask of MTRRs 0..7 in turn. */
  public final long[] mtrrVariable = new long[16];

  /** FIX64K, FIX16K x 2, FIX4K x 8. */
  public final long[] mtrrFixed = new long[11];

  /** The time stamp counter's value at the moment of saving. */
  public long tsc;

  /** x87 significands of physical registers R0..R7 (not ST-relative). */
  public final long[] x87Mantissa = new long[8];

  /** x87 sign (bit 15) and exponent of physical registers R0..R7. */
  public final int[] x87SignExponent = new int[8];

  public int x87Control = 0x37f;

  /** Status word with TOP in bits 11-13. */
  public int x87Status;

  /** Full tag word: two bits a physical register, 3 is empty. */
  public int x87Tag = 0xffff;

  public int x87Opcode;
  public long x87InstructionPointer;
  public int x87InstructionSelector;
  public long x87DataPointer;
  public int x87DataSelector;

  /** XMM0..15: low quadword at {@code 2 * n}, high at {@code 2 * n + 1}. */
  public final long[] xmm = new long[32];

  /** Bits 128-255 of YMM0..15, in the layout of {@link #xmm}. */
  public final long[] ymmHigh = new long[32];

  public int mxcsr = 0x1f80;

  /** Executing HLT. */
  public boolean halted;

  /** Waiting for a start-up IPI. */
  public boolean waitsForStartup;

  /** Interrupts are held off for one instruction (after STI, MOV SS, POP SS). */
  public boolean interruptShadow;

  public boolean nmiPending;

  /** An NMI is in service: others wait for IRET. */
  public boolean nmiBlocked;

  public CpuState() {
    for (int i = 0; i < segments.length; i++) {
      segments[i] = new SegmentState();
    }
  }

  /** Sets the power-on state (Intel SDM vol. 3, table 9-1): real mode at 0xfffffff0. */
  public void reset() {
    java.util.Arrays.fill(gpr, 0);
    rip = 0xfff0;
    rflags = 2;
    for (SegmentState segment : segments) {
      segment.set(0, 0, 0xffff, SegmentState.ATTR_P | SegmentState.ATTR_S | 3);
    }
    segments[CS].set(0xf000, 0xffff0000L, 0xffff, SegmentState.ATTR_P | SegmentState.ATTR_S | 0xb);
    ldtr.set(0, 0, 0xffff, SegmentState.ATTR_P | 2);
    tr.set(0, 0, 0xffff, SegmentState.ATTR_P | 0xb);
    gdtrBase = 0;
    gdtrLimit = 0xffff;
    idtrBase = 0;
    idtrLimit = 0xffff;
    cr0 = 0x6000_0010L;
    cr2 = 0;
    cr3 = 0;
    cr4 = 0;
    cr8 = 0;
    xcr0 = 1;
    java.util.Arrays.fill(dr, 0);
    dr[6] = 0xffff_0ff0L;
    dr[7] = 0x400;
    efer = 0;
    star = 0;
    lstar = 0;
    cstar = 0;
    sfmask = 0;
    kernelGsBase = 0;
    sysenterCs = 0;
    sysenterEsp = 0;
    sysenterEip = 0;
    tscAux = 0;
    pat = 0x0007_0406_0007_0406L;
    miscEnable = 1;
    tscAdjust = 0;
    debugControl = 0;
    mtrrDefType = 0;
    java.util.Arrays.fill(mtrrVariable, 0);
    java.util.Arrays.fill(mtrrFixed, 0);
    java.util.Arrays.fill(x87Mantissa, 0);
    java.util.Arrays.fill(x87SignExponent, 0);
    x87Control = 0x40;
    x87Status = 0;
    x87Tag = 0x5555;
    x87Opcode = 0;
    x87InstructionPointer = 0;
    x87InstructionSelector = 0;
    x87DataPointer = 0;
    x87DataSelector = 0;
    java.util.Arrays.fill(xmm, 0);
    java.util.Arrays.fill(ymmHigh, 0);
    mxcsr = 0x1f80;
    halted = false;
    waitsForStartup = false;
    interruptShadow = false;
    nmiPending = false;
    nmiBlocked = false;
  }
}
