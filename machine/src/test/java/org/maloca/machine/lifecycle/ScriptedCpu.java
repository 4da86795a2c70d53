package org.maloca.machine.lifecycle;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.core.cpu.VcpuPins;
import org.maloca.core.memory.GuestMemory;

/** A CPU whose program is Java: run once per start, after which the CPU idles until kicked. */
final class ScriptedCpu implements Vcpu {
  /** A program. */
  @FunctionalInterface
  interface Script {
    /** What a vCPU does on being run; KICKED means that it idles from then on. */
    VcpuExit run(VcpuBus bus, CpuState entry);
  }

  private final int index;
  private final VcpuBus bus;
  private final Script script;
  private final AtomicInteger starts;
  private final Semaphore kicks = new Semaphore(0);
  private final CpuState state = new CpuState();
  private boolean isFresh = true;

  private ScriptedCpu(int index, VcpuBus bus, Script script, AtomicInteger starts) {
    this.index = index;
    this.bus = bus;
    this.script = script;
    this.starts = starts;
  }

  /** Makes vCPUs of which the boot CPU follows the script and the others idle. */
  static Accelerator accelerator(Script script, AtomicInteger starts) {
    return new Accelerator() {
      @Override
      public String name() {
        return "scripted";
      }

      @Override
      public Vcpu createVcpu(int index, GuestMemory memory, VcpuBus bus) {
        return new ScriptedCpu(index, bus, script, starts);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public VcpuExit run() {
    if (isFresh && index == 0) {
      isFresh = false;
      starts.incrementAndGet();
      VcpuExit exit = script.run(bus, state);
      if (exit != VcpuExit.KICKED) {
        return exit;
      }
    }
    kicks.acquireUninterruptibly();
    return VcpuExit.KICKED;
  }

  @Override
  public void kick() {
    kicks.release();
  }

  @Override
  public VcpuPins pins() {
    return new VcpuPins() {
      @Override
      public void setInterrupt(boolean level) {}

      @Override
      public void nmi() {}

      @Override
      public void init() {}

      @Override
      public void startup(int vector) {}
    };
  }

  @Override
  public void save(CpuState target) {
    target.rip = state.rip;
  }

  @Override
  public void restore(CpuState source) {
    state.rip = source.rip;
    isFresh = true;
  }

  @Override
  public void reset() {
    isFresh = true;
  }

  @Override
  public long instructionsExecuted() {
    return starts.get();
  }

  @Override
  public void close() {}
}
