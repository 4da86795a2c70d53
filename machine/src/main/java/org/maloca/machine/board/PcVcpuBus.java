package org.maloca.machine.board;

import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.devices.apic.LocalApic;
import org.maloca.devices.kvm.KvmClock;
import org.maloca.devices.kvm.KvmFeatures;

/** A vCPU's way to the ports, to its local APIC and its clock. On the vCPU's thread. */
final class PcVcpuBus implements VcpuBus {
  private final PortBus ports;
  private final LocalApic apic;
  private final KvmClock kvmClock;

  PcVcpuBus(PortBus ports, LocalApic apic, KvmClock kvmClock) {
    this.ports = ports;
    this.apic = apic;
    this.kvmClock = kvmClock;
  }

  @Override
  public long portRead(int port, int size) {
    return ports.read(port, size);
  }

  @Override
  public void portWrite(int port, int size, long value) {
    ports.write(port, size, value);
  }

  @Override
  public int acknowledgeInterrupt() {
    return apic.acknowledge();
  }

  @Override
  public int taskPriority() {
    return apic.taskPriority();
  }

  @Override
  public void setTaskPriority(int priorityClass) {
    apic.setTaskPriority(priorityClass);
  }

  @Override
  public boolean readMsr(int index, long[] value) {
    return kvmClock.readMsr(index, value) || apic.readMsr(index, value);
  }

  @Override
  public boolean writeMsr(int index, long value) {
    return kvmClock.writeMsr(index, value) || apic.writeMsr(index, value);
  }

  @Override
  public int kvmFeatures() {
    return KvmFeatures.OFFERED;
  }

  @Override
  public void counterMoved(long ticks) {
    kvmClock.counterMoved(ticks);
  }
}
