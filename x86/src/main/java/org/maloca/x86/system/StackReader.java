package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/** Pops from the current stack without moving RSP, for instructions that may still fault. */
final class StackReader {
  private final Cpu cpu;
  private final int width;
  private long pointer;

  StackReader(Cpu cpu) {
    this.cpu = cpu;
    this.width = cpu.stackAddressSize();
    this.pointer = cpu.rsp;
  }

  /** The next {@code size} bytes, zero-extended. */
  long pop(int size) {
    long offset = Cpu.zeroExtend(pointer, width);
    long value = cpu.mmu.load(cpu.stackLinear(offset, size, false), size);
    pointer += size;
    return value;
  }

  void skip(long bytes) {
    pointer += bytes;
  }

  /** Writes RSP as far as the stack's width goes. */
  void commit() {
    cpu.setStackPointer(pointer, width);
  }
}
