package org.maloca.machine.board;

import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.devices.apic.LocalApic;

/** A vCPU's way to the ports and to its local APIC. On the vCPU's thread. */
final class PcVcpuBus implements VcpuBus {
  private final PortBus ports;
  private final LocalApic apic;

  PcVcpuBus(PortBus ports, LocalApic apic) {
    this.ports = ports;
    this.apic = apic;
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
    return apic.readMsr(index, value);
  }

  @Override
  public boolean writeMsr(int index, long value) {
    return apic.writeMsr(index, value);
  }
}
