package org.maloca.devices.apic;

import org.maloca.core.cpu.VcpuPins;

/** The pins of a vCPU that is not there yet. */
enum UnconnectedPins implements VcpuPins {
  INSTANCE;

  @Override
  public void setInterrupt(boolean level) {}

  @Override
  public void nmi() {}

  @Override
  public void init() {}

  @Override
  public void startup(int vector) {}
}
