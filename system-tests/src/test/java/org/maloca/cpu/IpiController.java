package org.maloca.cpu;

import java.util.concurrent.atomic.AtomicLongArray;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.cpu.Vcpu;

/**
 * As much of a local APIC as guests need to send each other interrupts: ICR and EOI in the places
 * where the APIC has them (Intel SDM vol. 3, 12.4.1). It has no ID register that differs between
 * CPUs, no priorities and no timer.
 */
final class IpiController implements IoHandler {
  static final long GPA = 0xfee0_0000L;

  private static final int ICR_LOW = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int FIXED = 0;
  private static final int NMI = 4;
  private static final int INIT = 5;
  private static final int STARTUP = 6;

  private final Vcpu[] vcpus;

  /** Four words of 64 vectors for each CPU. */
  private final AtomicLongArray pending;

  private volatile int destination;

  IpiController(Vcpu[] vcpus) {
    this.vcpus = vcpus;
    pending = new AtomicLongArray(4 * vcpus.length);
  }

  @Override
  public long read(int offset, int size) {
    return 0;
  }

  @Override
  public void write(int offset, int size, long value) {
    if (offset == ICR_HIGH) {
      destination = (int) (value >>> 24 & 0xff);
    } else if (offset == ICR_LOW && destination < vcpus.length) {
      send(destination, (int) value >> 8 & 7, (int) value & 0xff);
    }
  }

  private void send(int target, int deliveryMode, int vector) {
    var pins = vcpus[target].pins();
    switch (deliveryMode) {
      case FIXED -> {
        pending.getAndAccumulate(4 * target + (vector >> 6), 1L << vector, (a, b) -> a | b);
        pins.setInterrupt(true);
      }
      case NMI -> pins.nmi();
      case INIT -> pins.init();
      case STARTUP -> pins.startup(vector);
      default -> {}
    }
  }

  /** Takes the highest vector pending for a CPU, or -1; called on its thread. */
  int acknowledge(int target) {
    vcpus[target].pins().setInterrupt(false);
    int taken = -1;
    boolean more = false;
    for (int word = 3; word >= 0; word--) {
      long bits = pending.get(4 * target + word);
      if (bits != 0 && taken < 0) {
        int bit = 63 - Long.numberOfLeadingZeros(bits);
        taken = 64 * word + bit;
        bits = pending.accumulateAndGet(4 * target + word, ~(1L << bit), (a, b) -> a & b);
      }
      more |= bits != 0;
    }
    if (more) {
      vcpus[target].pins().setInterrupt(true);
    }
    return taken;
  }
}
