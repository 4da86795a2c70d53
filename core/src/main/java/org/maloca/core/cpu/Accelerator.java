package org.maloca.core.cpu;

import org.maloca.core.memory.GuestMemory;

/** Makes the CPUs of one virtual machine. */
public interface Accelerator extends AutoCloseable {
  /** Short name for people: {@code software}, {@code kvm}. */
  String name();

  /**
   * Makes a vCPU.
   *
   * @param index 0 for the boot CPU; also its APIC id
   * @param memory the machine's address space
   * @param bus what it reaches beside memory
   */
  Vcpu createVcpu(int index, GuestMemory memory, VcpuBus bus);

  /** What its CPUs have done so far, all together; from any thread, also after {@link #close}. */
  default EngineStatistics statistics() {
    return EngineStatistics.NONE;
  }

  @Override
  void close();
}
