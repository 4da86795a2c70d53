package org.maloca.x86;

import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.fpu.X87State;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.mmu.FetchStamps;
import org.maloca.x86.mmu.Mmu;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.statistics.VcpuCounters;
import org.maloca.x86.translate.Region;
import org.maloca.x86.translate.ReturnPlaces;

/**
 * The state of one software CPU in the form that executes fastest, and the operand accesses that
 * handlers are written in. Fields are public because handlers, operations and compiled code live on
 * them; all are used by the vCPU's own thread only, but for {@link #events}.
 *
 * <p>RIP: while a block runs, {@link #blockRip} is the (segment-relative) address of its first
 * instruction; {@link #rip} is where to go on when the block is done.
 */
public final class Cpu extends GeneralRegisters {
  /**
   * A power of two; a spin that lasts this long is probably for a CPU that the host has stopped.
   */
  private static final int PAUSES_BEFORE_YIELD = 64;

  /** The host's own may be shorter than what keeps waiting CPUs off the line that they wait for. */
  private static final int SPINS_OF_A_PAUSE = 4;

  public static final int RAX = CpuState.RAX;
  public static final int RCX = CpuState.RCX;
  public static final int RDX = CpuState.RDX;
  public static final int RBX = CpuState.RBX;
  public static final int RSP = CpuState.RSP;
  public static final int RBP = CpuState.RBP;
  public static final int RSI = CpuState.RSI;
  public static final int RDI = CpuState.RDI;
  public static final int ES = CpuState.ES;
  public static final int CS = CpuState.CS;
  public static final int SS = CpuState.SS;
  public static final int DS = CpuState.DS;
  public static final int FS = CpuState.FS;
  public static final int GS = CpuState.GS;

  public final int index;
  public final VcpuBus bus;
  public final GuestMemory memory;
  public final CpuFeatures features;
  public final TimeStampCounter timeStampCounter;
  public final Mmu mmu;
  public final CpuEvents events = new CpuEvents();
  public final Breakpoints breakpoints = new Breakpoints(this);
  public final GuestFault fault = new GuestFault();

  /** Where RDRAND takes its numbers from, and how device registers in memory are reached. */
  public HardwareRandom random = new HardwareRandom();

  public DeviceAccess devices = DeviceAccess.DIRECT;

  public long rip;

  /** RFLAGS without the arithmetic flags (their bits are 0 here; bit 1 is 1). */
  public int systemFlags = 2;

  /** ES, CS, SS, DS, FS, GS. */
  public final SegmentState[] segments = new SegmentState[6];

  /** Those of {@link #segments} that have a base in 64-bit code. */
  public final SegmentState fs;

  public final SegmentState gs;

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
  public long xcr0 = 1;
  public final long[] dr = new long[8];

  /** What the bus answers to RDMSR. */
  public final long[] busValue = new long[1];

  public long efer;
  public final ModelSpecificRegisters msr = new ModelSpecificRegisters();

  /**
   * Current privilege level: always SS.DPL in protected mode, 0 in real, 3 in virtual-8086 mode.
   */
  public int cpl;

  /** How code at CS:RIP decodes and runs: see {@link CodeMode}. Kept by {@link #updateMode}. */
  public int mode;

  /**
   * Low 64 bits of XMM n at {@code 2 * n}, high at {@code 2 * n + 1}; {@link #XMM_SCRATCH} beyond
   * the registers.
   */
  public final long[] xmm = new long[34];

  /** Slot of {@link #xmm} where an instruction's 128-bit memory operand is put while it runs. */
  public static final int XMM_SCRATCH = 32;

  /** Bits 128-255 of YMM, for AVX to come; carried through snapshots. */
  public final long[] ymmHigh = new long[32];

  /** MXCSR's control bits in the form that arithmetic uses, and its sticky flags. */
  public final FloatEnv sse = new FloatEnv();

  /**
   * MXCSR cannot tell the host's floating point from the guest's, as long as no number overflows,
   * is a denormal or no number at all: rounding is to nearest, and PE is masked and raised already.
   * May lag behind PE being raised. Kept by {@link org.maloca.x86.simd.Mxcsr}.
   */
  public boolean hostFloatsSuffice;

  /**
   * The greatest magnitude of a result that needs no second look: that of finite numbers while
   * {@link #hostFloatsSuffice}, else less than any.
   */
  public double doubleLimit = -1;

  /** As {@link #doubleLimit}, of single precision. */
  public float singleLimit = -1;

  /**
   * The same for two singles in a long: added to their magnitudes it sets the sign bit of those
   * that are not finite, or of all.
   */
  public long singlesGuard = 0x8000_0000_8000_0000L;

  public final X87State x87 = new X87State();

  public boolean halted;
  public boolean waitsForStartup;

  /**
   * Interrupts are held off for one more instruction (after STI, MOV SS, POP SS). Ends when events
   * are attended to: while there are none, it may be one of long ago.
   */
  public boolean interruptShadow;

  /** The instruction about to be executed is the one in the shadow. */
  public boolean inShadow;

  public boolean nmiBlocked;

  /** Compiled code is being executed, and none of its handlers. */
  public boolean inRegion;

  /** Its code cache, which sets itself here before anything runs. */
  @SuppressWarnings("NullAway.Init")
  public CodeCache code;

  /** Dates what is known of where code lies. */
  public final FetchStamps fetchStamps;

  /** Entry of the region that compiled code asks to be run next. */
  public int nextEntry;

  /**
   * The region to run next, from {@link #nextEntry}, when a call did not come back to compiled code
   * that had called; null when the loop is to look for itself.
   */
  public @Nullable Region onward;

  /** Where small regions will be returned to. */
  public final ReturnPlaces returnPlaces = new ReturnPlaces();

  /** Guest calls that are calls of the JVM now. */
  public int callDepth;

  /** What {@link #awaitedReturnSlot} is while there are none. */
  public static final long NO_SLOT = -1;

  /**
   * Where on the guest's stack the return address of the innermost of these calls is: the RET that
   * takes it from there is to go back to the JVM's caller.
   */
  public long awaitedReturnSlot = NO_SLOT;

  /** PAUSE instructions executed, modulo 2^32. */
  private int pauses;

  /** What it counts beside them, for people. */
  public final VcpuCounters counters = new VcpuCounters();

  /** Makes a CPU in its power-on state. */
  public Cpu(
      int index,
      GuestMemory memory,
      VcpuBus bus,
      CpuFeatures features,
      TimeStampCounter timeStampCounter) {
    this.index = index;
    this.memory = memory;
    this.bus = bus;
    this.features = features;
    this.timeStampCounter = timeStampCounter;
    for (int i = 0; i < segments.length; i++) {
      segments[i] = new SegmentState();
    }
    fs = segments[FS];
    gs = segments[GS];
    mmu = new Mmu(this);
    fetchStamps = mmu.fetchStamps;
  }

  // Faults.

  /** Prepares the fault for throwing: {@code throw cpu.fault(GP, 0)}. */
  public GuestFault fault(int vector, int errorCode) {
    fault.vector = vector;
    fault.errorCode = errorCode;
    fault.nonCanonical = false;
    return fault;
  }

  /** Leaves the block at the current instruction, which goes on after events were served. */
  public GuestFault restart() {
    return fault(GuestFault.RESTART, 0);
  }

  public GuestFault generalProtection() {
    return fault(GuestFault.GP, 0);
  }

  public GuestFault undefinedOpcode() {
    return fault(GuestFault.UD, 0);
  }

  // Modes.

  public boolean isLongMode() {
    return (efer & Efer.LMA) != 0;
  }

  /** In 64-bit code (not compatibility mode). */
  public boolean is64() {
    return CodeMode.is64(mode);
  }

  public boolean isProtected() {
    return (cr0 & ControlRegisters.CR0_PE) != 0;
  }

  public boolean isVirtual8086() {
    return (systemFlags & Flags.VM) != 0;
  }

  /** Real or virtual-8086 mode. */
  public boolean isRealAddressing() {
    return (mode & CodeMode.REAL_ADDRESSING) != 0;
  }

  public int iopl() {
    return systemFlags >> 12 & 3;
  }

  /**
   * Recomputes {@link #mode} and the paging context after a change of CS, SS, DS, ES, control
   * registers, EFER, CPL, RFLAGS.VM or RFLAGS.AC.
   */
  public void updateMode() {
    mode = ModeDerivation.derive(this);
    mmu.contextChanged();
  }

  // Flags.

  /** The six arithmetic flags. */
  public int arithmeticFlags() {
    return Flags.compute(flagKind, flagResult, flagSource);
  }

  /** The whole of RFLAGS. */
  public int rflags() {
    return systemFlags | arithmeticFlags();
  }

  public boolean carryFlag() {
    return Flags.carry(flagKind, flagResult, flagSource);
  }

  public boolean zeroFlag() {
    return Flags.zero(flagKind, flagResult, flagSource);
  }

  public boolean condition(int condition) {
    return Flags.condition(condition, flagKind, flagResult, flagSource);
  }

  /** Sets the six arithmetic flags from their RFLAGS bits (others are ignored). */
  public void setArithmeticFlags(int flags) {
    flagKind = Flags.KNOWN;
    flagSource = flags & Flags.ARITHMETIC;
  }

  /** Leaves lazy flags of a result; {@code kind} is one of {@link Flags}' without the size. */
  public void setLazyFlags(int kind, int size, long result, long source) {
    flagKind = kind | 31 - Integer.numberOfLeadingZeros(size);
    flagResult = result;
    flagSource = source;
  }

  /** Replaces RFLAGS whole (bit 1 forced); the caller applies privilege and {@link #updateMode}. */
  public void setRflags(int value) {
    setArithmeticFlags(value);
    systemFlags = value & ~Flags.ARITHMETIC | 2;
    if ((value & Flags.IF) != 0) {
      events.releaseInterrupt();
    }
    if ((value & Flags.TF) != 0) {
      events.post(CpuEvents.TRAP_FLAG);
    }
  }

  /** Sets RFLAGS.IF. */
  public void permitInterrupts() {
    systemFlags |= Flags.IF;
    events.releaseInterrupt();
  }

  /**
   * Sets RFLAGS.IF as STI does: if it was clear, the next instruction comes before any interrupt.
   */
  public void permitInterruptsBehindNext() {
    if ((systemFlags & Flags.IF) == 0) {
      interruptShadow = true;
    }
    permitInterrupts();
  }

  /** Clears RFLAGS.IF. */
  public void maskInterrupts() {
    systemFlags &= ~Flags.IF;
  }

  public boolean directionDown() {
    return (systemFlags & Flags.DF) != 0;
  }

  /** Exchanges GS's base with the one that is kept for it, as SWAPGS does. */
  public void swapGs() {
    long base = segments[GS].base;
    segments[GS].base = msr.kernelGsBase;
    msr.kernelGsBase = base;
  }

  /** Sets or clears RFLAGS.AC, as STAC and CLAC do. */
  public void setAlignmentCheck(boolean set) {
    systemFlags = set ? systemFlags | Flags.AC : systemFlags & ~Flags.AC;
    // AC is no part of the code's mode; only the permission to reach user pages changes.
    mmu.contextChanged();
  }

  // Time.

  /** The time stamp counter now. */
  public long timeStamp() {
    return timeStampCounter.ticks() + msr.tscOffset;
  }

  /** Has the time stamp counter be that many ticks ahead of the machine's. */
  public void setTimeStampOffset(long ticks) {
    msr.tscOffset = ticks;
    bus.counterMoved(ticks);
  }

  /** The same as RDTSC reads it: #GP(0) where CR4.TSD keeps it for the kernel. */
  public long readTimeStamp() {
    if (cpl != 0 && (cr4 & ControlRegisters.CR4_TSD) != 0) {
      throw generalProtection();
    }
    return timeStamp();
  }

  /** IA32_TSC_AUX, by which the guest knows its CPUs: what RDTSCP and RDPID read beside. */
  public long processorId() {
    return msr.tscAux & 0xffff_ffffL;
  }

  /**
   * Rests as PAUSE does. Where vCPUs are more than the host's cores, the one that is waited for
   * must get to run.
   */
  public void pause() {
    if ((++pauses & PAUSES_BEFORE_YIELD - 1) == 0) {
      Thread.yield();
    } else {
      for (int spin = 0; spin < SPINS_OF_A_PAUSE; spin++) {
        Thread.onSpinWait();
      }
    }
  }

  // Position.

  /** RIP of the instruction itself. */
  public long ripOf(Insn insn) {
    return maskRip(blockRip + insn.offset);
  }

  /** RIP of the instruction after it. */
  public long ripAfter(Insn insn) {
    return maskRip(blockRip + insn.offset + insn.length);
  }

  private long maskRip(long value) {
    return is64() ? value : value & 0xffff_ffffL;
  }

  /** The linear address of CS:RIP. */
  public long linearRip() {
    return is64() ? rip : segments[CS].base + rip & 0xffff_ffffL;
  }

  /** A linear address as the mode cuts it: outside long mode they wrap at 4 GiB. */
  public long wrapLinear(long linear) {
    return isLongMode() ? linear : linear & 0xffff_ffffL;
  }

  /**
   * Goes on at {@code target} in the current code segment.
   *
   * @throws GuestFault #GP(0) when it is not canonical or beyond the segment's limit
   */
  public void jumpNear(long target) {
    if (is64()) {
      if (target << 16 >> 16 != target) {
        throw generalProtection();
      }
    } else if (Long.compareUnsigned(target, segments[CS].limit & 0xffff_ffffL) > 0) {
      throw generalProtection();
    }
    rip = target;
  }

  // Registers.

  /** A general register's low {@code size} bytes, zero-extended. */
  public long gpr(int register, int size) {
    long value = gpr(register);
    return switch (size) {
      case 1 -> value & 0xff;
      case 2 -> value & 0xffff;
      case 4 -> value & 0xffff_ffffL;
      default -> value;
    };
  }

  /** Writes a general register as an instruction of that size does: 4 bytes zero the upper half. */
  public void setGpr(int register, int size, long value) {
    switch (size) {
      case 1 -> setGpr(register, gpr(register) & ~0xffL | value & 0xff);
      case 2 -> setGpr(register, gpr(register) & ~0xffffL | value & 0xffff);
      case 4 -> setGpr(register, value & 0xffff_ffffL);
      default -> setGpr(register, value);
    }
  }

  // Operands.

  /** Offset of the memory operand in its segment, cut to the address size. */
  public long effectiveOffset(Insn insn) {
    long offset = gpr(insn.base) + (gpr(insn.index) << insn.scale) + insn.displacement;
    if (insn.ripRelative) {
      offset += blockRip + insn.offset + insn.length;
    }
    return switch (insn.addressSize) {
      case 2 -> offset & 0xffff;
      case 4 -> offset & 0xffff_ffffL;
      default -> offset;
    };
  }

  /**
   * Linear address of the memory operand.
   *
   * @param size bytes that will be accessed, for the limit check
   * @throws GuestFault #GP(0) or #SS(0) from segmentation; canonical form is checked at the access
   */
  public long linear(Insn insn, int size, boolean write) {
    return linear(insn.segment, effectiveOffset(insn), size, write);
  }

  /**
   * Adds the base of FS or GS in 64-bit mode. AMD's processors want the offset in canonical form,
   * too, and raise #GP(0) where it is not though the sum be so: such an offset is the result, which
   * faults likewise.
   */
  public static long withBase(long offset, long base) {
    return offset << 16 >> 16 == offset ? offset + base : offset;
  }

  /** Linear address of {@code size} bytes at an offset in a segment. */
  public long linear(int segment, long offset, int size, boolean write) {
    if (is64()) {
      return segment >= FS ? withBase(offset, segments[segment].base) : offset;
    }
    if ((mode & CodeMode.FLAT) != 0 && segment < FS && !(write && segment == CS)) {
      return offset;
    }
    return SegmentAccess.linear(this, segment, offset, size, write);
  }

  /** Reads operand {@code n} at the instruction's operand size, zero-extended. */
  public long read(Insn insn, int n) {
    return read(insn, n, insn.operandSize);
  }

  /** Reads operand {@code n} as {@code size} bytes, zero-extended. */
  public long read(Insn insn, int n, int size) {
    OperandKind kind = insn.kind(n);
    return switch (kind) {
      case GPR -> gpr(insn.register(n), size);
      case HIGH_BYTE -> gpr(insn.register(n)) >>> 8 & 0xff;
      case MEMORY -> mmu.load(linear(insn, size, false), size);
      case IMMEDIATE -> zeroExtend(insn.immediate, size);
      default -> throw new IllegalStateException("no integer operand: " + kind);
    };
  }

  /** Writes operand {@code n} at the instruction's operand size. */
  public void write(Insn insn, int n, long value) {
    write(insn, n, insn.operandSize, value);
  }

  /** Writes operand {@code n} as {@code size} bytes. */
  public void write(Insn insn, int n, int size, long value) {
    OperandKind kind = insn.kind(n);
    switch (kind) {
      case GPR -> setGpr(insn.register(n), size, value);
      case HIGH_BYTE -> {
        int register = insn.register(n);
        setGpr(register, gpr(register) & ~0xff00L | (value & 0xff) << 8);
      }
      case MEMORY -> mmu.store(linear(insn, size, true), size, value);
      default -> throw new IllegalStateException("operand cannot be written: " + kind);
    }
  }

  public static long zeroExtend(long value, int size) {
    return switch (size) {
      case 1 -> value & 0xff;
      case 2 -> value & 0xffff;
      case 4 -> value & 0xffff_ffffL;
      default -> value;
    };
  }

  public static long signExtend(long value, int size) {
    return switch (size) {
      case 1 -> (byte) value;
      case 2 -> (short) value;
      case 4 -> (int) value;
      default -> value;
    };
  }

  // Stack.

  /** Size in bytes of the stack pointer: 2, 4 or 8. */
  public int stackAddressSize() {
    return is64() ? 8 : (mode & CodeMode.STACK_32) != 0 ? 4 : 2;
  }

  /** Linear address of {@code size} bytes at stack offset {@code offset} (cut to its size). */
  public long stackLinear(long offset, int size, boolean write) {
    if (is64()) {
      if (offset << 16 >> 16 != offset) {
        throw fault(GuestFault.SS, 0);
      }
      return offset;
    }
    return linear(SS, offset, size, write);
  }

  /** Pushes; RSP changes only when the store succeeded. */
  public void push(long value, int size) {
    int width = stackAddressSize();
    long pointer = zeroExtend(rsp - size, width);
    mmu.store(stackLinear(pointer, size, true), size, value);
    setStackPointer(pointer, width);
  }

  /** PUSH in 64-bit code, by compiled code. */
  public void pushSlot(long value) {
    long pointer = rsp - 8;
    mmu.store64(pointer, value);
    rsp = pointer;
  }

  /** POP in 64-bit code, by compiled code. */
  public long popSlot() {
    long pointer = rsp;
    long value = mmu.load64(pointer);
    rsp = pointer + 8;
    return value;
  }

  /** RET in 64-bit code, by compiled code: where to go on. */
  public long popReturn() {
    long pointer = rsp;
    long target = mmu.load64(pointer);
    if (target << 16 >> 16 != target) {
      throw generalProtection();
    }
    rsp = pointer + 8;
    return target;
  }

  /** LEAVE in 64-bit code, by compiled code. */
  public void leaveFrame() {
    long pointer = rbp;
    rbp = mmu.load64(pointer);
    rsp = pointer + 8;
  }

  /** Pops, zero-extended; RSP changes only when the load succeeded. */
  public long pop(int size) {
    int width = stackAddressSize();
    long pointer = zeroExtend(rsp, width);
    long value = mmu.load(stackLinear(pointer, size, false), size);
    setStackPointer(pointer + size, width);
    return value;
  }

  /**
   * Writes the low bytes of RSP; with a 16-bit stack the rest stays, with a 32-bit it is zeroed.
   */
  public void setStackPointer(long pointer, int width) {
    setGpr(RSP, width, pointer);
  }
}
