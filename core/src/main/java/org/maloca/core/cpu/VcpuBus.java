package org.maloca.core.cpu;

/**
 * What a vCPU reaches outside itself: ports, its local APIC, hypercalls. Memory (with MMIO) it gets
 * from {@link org.maloca.core.memory.GuestMemory}. Called on the vCPU's own thread.
 */
public interface VcpuBus {
  /** Reads a port; {@code size} is 1, 2 or 4; zero-extended. */
  long portRead(int port, int size);

  void portWrite(int port, int size, long value);

  /**
   * Takes the highest pending external interrupt, as an INTA cycle does.
   *
   * @return the vector, or -1 when none is pending any more
   */
  int acknowledgeInterrupt();

  /** The task priority class 0..15 (CR8). */
  int taskPriority();

  void setTaskPriority(int priorityClass);

  /**
   * Reads an MSR that lives outside the CPU core (local APIC base, x2APIC, TSC deadline, hypervisor
   * interfaces).
   *
   * @param value receives the value at index 0
   * @return false when there is no such MSR or it cannot be read now: #GP
   */
  boolean readMsr(int index, long[] value);

  /** Writes such an MSR; false means #GP. */
  boolean writeMsr(int index, long value);

  /** What of KVM's guest interface these MSRs are, as its CPUID leaf says it; 0 for nothing. */
  default int kvmFeatures() {
    return 0;
  }

  /**
   * The CPU's time stamp counter may differ from the machine's in another way than before.
   *
   * @param ticks that it is ahead
   */
  default void counterMoved(long ticks) {}
}
