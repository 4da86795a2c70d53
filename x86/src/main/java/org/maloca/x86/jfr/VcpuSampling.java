package org.maloca.x86.jfr;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;

/** Has the Flight Recorder, when it is in use, ask for the counters of a machine's vCPUs. */
public final class VcpuSampling implements AutoCloseable {
  private final @Nullable VcpuSampler sampler;

  /**
   * Begins.
   *
   * @param cpus the vCPUs, as many as there are when a sample is taken
   */
  public VcpuSampling(List<Cpu> cpus) {
    sampler = FlightRecording.isPresent() ? VcpuSampler.start(cpus) : null;
  }

  @Override
  public void close() {
    if (sampler != null) {
      sampler.stop();
    }
  }
}
