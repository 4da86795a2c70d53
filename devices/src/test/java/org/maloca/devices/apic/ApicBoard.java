package org.maloca.devices.apic;

import java.util.ArrayList;
import java.util.List;
import org.maloca.core.cpu.VcpuPins;
import org.maloca.core.time.ManualClock;
import org.maloca.core.time.TscClock;

/** Four local APICs and an I/O APIC on a bus, with pins that remember. */
final class ApicBoard {
  static final int CPUS = 4;
  static final long TSC_HZ = 2_000_000_000;

  final ManualClock clock = new ManualClock();
  final ApicBus bus = new ApicBus();
  final List<LocalApic> apics = new ArrayList<>();
  final List<Pins> pins = new ArrayList<>();
  final IoApic ioApic = new IoApic(bus, 0);
  final LocalApicPage page = new LocalApicPage(bus);

  ApicBoard() {
    for (int i = 0; i < CPUS; i++) {
      LocalApic apic = new LocalApic(bus, i, i, clock, new TscClock(clock, TSC_HZ));
      Pins vcpu = new Pins();
      apic.connect(vcpu);
      apics.add(apic);
      pins.add(vcpu);
    }
    bus.enter(0);
  }

  /** Software-enables every APIC, with flat logical IDs 1, 2, 4, 8. */
  ApicBoard enabled() {
    for (int i = 0; i < CPUS; i++) {
      apics.get(i).writeMemory(0xf0, 4, 0x1ff);
      apics.get(i).writeMemory(0xd0, 4, 1L << 24 + i);
    }
    return this;
  }

  LocalApic apic(int index) {
    return apics.get(index);
  }

  void write(int cpu, int offset, int value) {
    apic(cpu).writeMemory(offset, 4, value);
  }

  int read(int cpu, int offset) {
    return (int) apic(cpu).readMemory(offset, 4);
  }

  /** Writes a whole redirection entry. */
  void redirect(int pin, long entry) {
    ioApic.write(0, 4, 0x11 + 2 * pin);
    ioApic.write(0x10, 4, entry >>> 32);
    ioApic.write(0, 4, 0x10 + 2 * pin);
    ioApic.write(0x10, 4, entry & 0xffff_ffffL);
  }

  /** The low half of a redirection entry. */
  int entry(int pin) {
    ioApic.write(0, 4, 0x10 + 2 * pin);
    return (int) ioApic.read(0x10, 4);
  }

  /** The pins of a vCPU. */
  static final class Pins implements VcpuPins {
    boolean interrupt;
    int nmis;
    int inits;
    int startupVector = -1;

    @Override
    public void setInterrupt(boolean level) {
      interrupt = level;
    }

    @Override
    public void nmi() {
      nmis++;
    }

    @Override
    public void init() {
      inits++;
    }

    @Override
    public void startup(int vector) {
      startupVector = vector;
    }
  }
}
