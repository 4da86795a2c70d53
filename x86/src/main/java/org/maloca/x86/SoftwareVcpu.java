package org.maloca.x86;

import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.core.cpu.VcpuPins;
import org.maloca.x86.code.BlockDecoder;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.Interpreter;
import org.maloca.x86.interpret.LoopObserver;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.system.BasicCpuid;
import org.maloca.x86.system.CpuStateTransfer;
import org.maloca.x86.translate.Translator;

/** A virtual CPU whose instructions Java executes. */
public final class SoftwareVcpu implements Vcpu {
  private static final System.Logger LOG = System.getLogger(SoftwareVcpu.class.getName());

  private final Cpu cpu;
  private final CodeCache code;
  private final Interpreter interpreter;

  private final VcpuPins pins =
      new VcpuPins() {
        @Override
        public void setInterrupt(boolean level) {
          cpu.events.setInterrupt(level);
        }

        @Override
        public void nmi() {
          cpu.events.post(CpuEvents.NMI);
        }

        @Override
        public void init() {
          // A start-up IPI that comes after INIT is kept, whenever the vCPU gets to look at both.
          cpu.events.clear(CpuEvents.STARTUP);
          cpu.events.post(CpuEvents.INIT);
        }

        @Override
        public void startup(int vector) {
          cpu.events.postStartup(vector & 0xff);
        }
      };

  /**
   * Makes a vCPU in its power-on state.
   *
   * @param cpu made for this one alone
   * @param specialises whether hot instructions have interpreter ops of their own
   * @param translator compiles hot code; null leaves all to the interpreter
   */
  public SoftwareVcpu(
      Cpu cpu, CodeWatch watch, boolean specialises, @Nullable Translator translator) {
    this.cpu = cpu;
    OpSelector selector = new OpSelector(Handlers.table(), specialises);
    code = new CodeCache(cpu, watch, new BlockDecoder(cpu, selector));
    interpreter = new Interpreter(cpu, code, this::afterInit, translator);
    reset();
  }

  /** The engine's own state, for tests and tools in this module's friends. */
  public Cpu cpu() {
    return cpu;
  }

  /** Has what it does followed from now on, by an observer on its own thread. */
  public void observe(LoopObserver observer) {
    interpreter.observe(observer);
  }

  @Override
  public int index() {
    return cpu.index;
  }

  @Override
  public VcpuExit run() {
    try {
      return interpreter.run();
    } catch (RuntimeException | StackOverflowError | AssertionError broken) {
      LOG.log(System.Logger.Level.ERROR, () -> "vCPU stopped\n" + CpuDump.of(cpu), broken);
      return VcpuExit.CRASHED;
    }
  }

  @Override
  public void kick() {
    cpu.events.post(CpuEvents.KICK);
  }

  @Override
  public VcpuPins pins() {
    return pins;
  }

  @Override
  public void save(CpuState state) {
    CpuStateTransfer.save(cpu, state);
    state.nmiPending = (cpu.events.poll() & CpuEvents.NMI) != 0;
  }

  @Override
  public void restore(CpuState state) {
    CpuStateTransfer.restore(cpu, state);
    if (state.nmiPending) {
      cpu.events.post(CpuEvents.NMI);
    }
    code.clear();
  }

  @Override
  public void reset() {
    CpuState state = new CpuState();
    state.reset();
    state.gpr[CpuState.RDX] = BasicCpuid.SIGNATURE;
    state.waitsForStartup = cpu.index != 0;
    // The level of INTR stays what the local APIC, which was reset before, makes of its inputs.
    cpu.events.clear(CpuEvents.NMI | CpuEvents.INIT | CpuEvents.STARTUP | CpuEvents.KICK);
    restore(state);
    cpu.setTimeStampOffset(0);
  }

  /** INIT keeps the x87 and SSE state, MSRs and CR0's cache bits (Intel SDM vol. 3, table 9-1). */
  private void afterInit() {
    CpuState kept = new CpuState();
    CpuStateTransfer.save(cpu, kept);
    CpuState state = new CpuState();
    state.reset();
    state.gpr[CpuState.RDX] = BasicCpuid.SIGNATURE;
    state.cr0 |= kept.cr0 & (ControlRegisters.CR0_CD | ControlRegisters.CR0_NW);
    state.waitsForStartup = cpu.index != 0;
    state.tscAux = kept.tscAux;
    state.tscAdjust = kept.tscAdjust;
    state.pat = kept.pat;
    state.star = kept.star;
    state.lstar = kept.lstar;
    state.cstar = kept.cstar;
    state.sfmask = kept.sfmask;
    state.kernelGsBase = kept.kernelGsBase;
    state.sysenterCs = kept.sysenterCs;
    state.sysenterEsp = kept.sysenterEsp;
    state.sysenterEip = kept.sysenterEip;
    state.miscEnable = kept.miscEnable;
    state.mtrrDefType = kept.mtrrDefType;
    System.arraycopy(kept.mtrrVariable, 0, state.mtrrVariable, 0, state.mtrrVariable.length);
    System.arraycopy(kept.mtrrFixed, 0, state.mtrrFixed, 0, state.mtrrFixed.length);
    System.arraycopy(kept.x87Mantissa, 0, state.x87Mantissa, 0, 8);
    System.arraycopy(kept.x87SignExponent, 0, state.x87SignExponent, 0, 8);
    state.x87Control = kept.x87Control;
    state.x87Status = kept.x87Status;
    state.x87Tag = kept.x87Tag;
    System.arraycopy(kept.xmm, 0, state.xmm, 0, state.xmm.length);
    state.mxcsr = kept.mxcsr;
    state.xcr0 = kept.xcr0;
    long tscOffset = cpu.msr.tscOffset;
    restore(state);
    cpu.setTimeStampOffset(tscOffset);
  }

  @Override
  public long instructionsExecuted() {
    return cpu.instructions;
  }

  @Override
  public void close() {}
}
