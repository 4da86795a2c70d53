package org.maloca.x86.lockstep;

import java.util.function.Consumer;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.DeviceAccess;
import org.maloca.x86.lockstep.InputLog.Kind;

/** What the following CPU takes for the machine: the record of what the leading one met. */
final class ReplayingBus implements VcpuBus, DeviceAccess {
  private final InputLog log;
  private final Consumer<MemoryMap> mapChange;

  /**
   * @param mapChange carries a change of the memory map out
   */
  ReplayingBus(InputLog log, Consumer<MemoryMap> mapChange) {
    this.log = log;
    this.mapChange = mapChange;
  }

  private void followMap() {
    MemoryMap map = log.replayMap();
    if (map != null) {
      mapChange.accept(map);
    }
  }

  @Override
  public long portRead(int port, int size) {
    long value = log.replay(Kind.PORT_READ, port, size);
    followMap();
    return value;
  }

  @Override
  public void portWrite(int port, int size, long value) {
    log.check(Kind.PORT_WRITE, port, size, value);
    followMap();
  }

  @Override
  public long read(MemoryRegion.Mmio region, int offset, int size) {
    long value = log.replay(Kind.MEMORY_READ, region.gpa() + offset, size);
    followMap();
    return value;
  }

  @Override
  public void write(MemoryRegion.Mmio region, int offset, int size, long value) {
    log.check(Kind.MEMORY_WRITE, region.gpa() + offset, size, value);
    followMap();
  }

  @Override
  public int acknowledgeInterrupt() {
    return -1;
  }

  @Override
  public int taskPriority() {
    return (int) log.replay(Kind.PRIORITY_READ, 0, 0);
  }

  @Override
  public void setTaskPriority(int priorityClass) {
    log.check(Kind.PRIORITY_WRITE, 0, 0, priorityClass);
  }

  @Override
  public boolean readMsr(int index, long[] value) {
    // Whether there is such an MSR is part of what is played back, so it is asked for both ways.
    int known = log.detailOfNext();
    value[0] = log.replay(Kind.MSR_READ, index, known);
    return known != 0;
  }

  @Override
  public boolean writeMsr(int index, long value) {
    int known = log.detailOfNext();
    log.check(Kind.MSR_WRITE, index, known, value);
    followMap();
    return known != 0;
  }
}
