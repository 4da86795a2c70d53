package org.maloca.core.irq;

/** Takes message-signalled interrupts: a write of {@code data} to {@code address} (0xfeexxxxx). */
public interface MsiSink {
  void send(long address, int data);
}
