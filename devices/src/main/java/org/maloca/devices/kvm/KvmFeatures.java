package org.maloca.devices.kvm;

/**
 * Bits of CPUID leaf 0x40000001 from KVM's base, EAX (Linux, Documentation/virt/kvm/x86/cpuid.rst):
 * what of its guest interface there is.
 */
public final class KvmFeatures {
  /** {@link KvmClock} by its first MSRs. */
  static final int CLOCKSOURCE = 1 << 0;

  /** Nothing is slow enough to be waited for between accesses of ports. */
  static final int NOP_IO_DELAY = 1 << 1;

  /** {@link KvmClock} by its later MSRs. */
  static final int CLOCKSOURCE2 = 1 << 3;

  /** The clocks of all CPUs agree. */
  static final int CLOCKSOURCE_STABLE = 1 << 24;

  /** All that a machine with {@link KvmClock}s offers. */
  public static final int OFFERED = CLOCKSOURCE | NOP_IO_DELAY | CLOCKSOURCE2 | CLOCKSOURCE_STABLE;

  private KvmFeatures() {}
}
