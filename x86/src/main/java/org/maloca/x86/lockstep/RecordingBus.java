package org.maloca.x86.lockstep;

import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.DeviceAccess;
import org.maloca.x86.lockstep.InputLog.Kind;

/** The leading CPU's way to the machine, which leaves a record of all that passes. */
final class RecordingBus implements VcpuBus, DeviceAccess {
  private final VcpuBus machine;
  private final GuestMemory memory;
  private final InputLog log;
  private MemoryMap knownMap;

  RecordingBus(VcpuBus machine, GuestMemory memory, InputLog log) {
    this.machine = machine;
    this.memory = memory;
    this.log = log;
    knownMap = memory.map();
  }

  /** A write to a device may have moved memory. */
  private void noteMap() {
    MemoryMap map = memory.map();
    if (map != knownMap) {
      knownMap = map;
      log.recordMap(map);
    }
  }

  @Override
  public long portRead(int port, int size) {
    long value = machine.portRead(port, size);
    log.record(Kind.PORT_READ, port, size, value);
    noteMap();
    return value;
  }

  @Override
  public void portWrite(int port, int size, long value) {
    log.record(Kind.PORT_WRITE, port, size, value);
    machine.portWrite(port, size, value);
    noteMap();
  }

  @Override
  public long read(MemoryRegion.Mmio region, int offset, int size) {
    long value = DeviceAccess.DIRECT.read(region, offset, size);
    log.record(Kind.MEMORY_READ, region.gpa() + offset, size, value);
    noteMap();
    return value;
  }

  @Override
  public void write(MemoryRegion.Mmio region, int offset, int size, long value) {
    log.record(Kind.MEMORY_WRITE, region.gpa() + offset, size, value);
    DeviceAccess.DIRECT.write(region, offset, size, value);
    noteMap();
  }

  /** Not recorded: that an interrupt is delivered is told to the following CPU. */
  @Override
  public int acknowledgeInterrupt() {
    return machine.acknowledgeInterrupt();
  }

  @Override
  public int taskPriority() {
    int value = machine.taskPriority();
    log.record(Kind.PRIORITY_READ, 0, 0, value);
    return value;
  }

  @Override
  public void setTaskPriority(int priorityClass) {
    log.record(Kind.PRIORITY_WRITE, 0, 0, priorityClass);
    machine.setTaskPriority(priorityClass);
  }

  @Override
  public boolean readMsr(int index, long[] value) {
    boolean known = machine.readMsr(index, value);
    log.record(Kind.MSR_READ, index, known ? 1 : 0, value[0]);
    return known;
  }

  @Override
  public boolean writeMsr(int index, long value) {
    boolean known = machine.writeMsr(index, value);
    log.record(Kind.MSR_WRITE, index, known ? 1 : 0, value);
    noteMap();
    return known;
  }

  /** What it writes to the guest's memory, the following CPU would not find in its own. */
  @Override
  public int kvmFeatures() {
    return 0;
  }

  @Override
  public void counterMoved(long ticks) {
    machine.counterMoved(ticks);
  }
}
