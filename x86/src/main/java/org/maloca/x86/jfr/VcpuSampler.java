package org.maloca.x86.jfr;

import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import org.maloca.x86.Cpu;

/** Waits until the Flight Recorder is in use, and then is asked for samples by it. */
final class VcpuSampler implements FlightRecorderListener {
  private final List<Cpu> cpus;
  private final Runnable hook = this::sample;
  private boolean isStopped;

  private VcpuSampler(List<Cpu> cpus) {
    this.cpus = cpus;
  }

  static VcpuSampler start(List<Cpu> cpus) {
    VcpuSampler sampler = new VcpuSampler(cpus);
    FlightRecorder.addListener(sampler);
    return sampler;
  }

  /** Also called at once when recordings were started earlier. */
  @Override
  public synchronized void recorderInitialized(FlightRecorder recorder) {
    if (!isStopped) {
      FlightRecorder.addPeriodicEvent(VcpuStatistics.class, hook);
    }
  }

  void stop() {
    boolean ignored = FlightRecorder.removeListener(this);
    synchronized (this) {
      isStopped = true;
    }
    if (FlightRecorder.isInitialized()) {
      ignored = FlightRecorder.removePeriodicEvent(hook);
    }
  }

  private void sample() {
    for (Cpu cpu : cpus) {
      VcpuStatistics event = new VcpuStatistics();
      event.vcpu = cpu.index;
      event.instructions = cpu.instructions;
      event.compiledInstructions = cpu.counters.regionInstructions;
      event.quickInstructions = cpu.code.regions.quickInsns();
      event.regionExits = cpu.counters.allExits();
      event.slowAccesses = cpu.counters.slowAccesses;
      event.tlbFills = cpu.counters.tlbFills;
      event.codeWrites = cpu.counters.codeWrites;
      event.exceptions = cpu.counters.allExceptions();
      event.interrupts = cpu.counters.interrupts;
      event.haltedTime = cpu.counters.haltedNanos;
      event.blocks = cpu.code.blockCount();
      event.regions = cpu.code.regions.live(false) + cpu.code.regions.live(true);
      event.commit();
    }
  }
}
