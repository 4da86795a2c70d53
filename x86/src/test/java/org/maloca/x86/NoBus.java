package org.maloca.x86;

import org.maloca.core.cpu.VcpuBus;

/** Nothing outside the CPU; a test makes a subclass for what it wants there. */
public class NoBus implements VcpuBus {
  @Override
  public long portRead(int port, int size) {
    return -1;
  }

  @Override
  public void portWrite(int port, int size, long value) {}

  @Override
  public int acknowledgeInterrupt() {
    return -1;
  }

  @Override
  public int taskPriority() {
    return 0;
  }

  @Override
  public void setTaskPriority(int priorityClass) {}

  @Override
  public boolean readMsr(int index, long[] value) {
    return false;
  }

  @Override
  public boolean writeMsr(int index, long value) {
    return false;
  }
}
