package org.maloca.core.cpu;

/** The interrupt inputs of a vCPU. Safe for any thread; each wakes a halted vCPU as it should. */
public interface VcpuPins {
  /** The INTR input: an external interrupt can be had by {@link VcpuBus#acknowledgeInterrupt}. */
  void setInterrupt(boolean level);

  /** Latches a non-maskable interrupt. */
  void nmi();

  /** INIT: the vCPU goes to its reset state and, when it is not the boot CPU, waits for a SIPI. */
  void init();

  /** Start-up IPI: a vCPU that waits for it starts in real mode at {@code vector << 12}. */
  void startup(int vector);
}
