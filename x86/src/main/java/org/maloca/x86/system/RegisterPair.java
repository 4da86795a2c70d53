package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/** EDX:EAX as 64 bits. */
final class RegisterPair {
  private RegisterPair() {}

  static long get(Cpu cpu) {
    return cpu.rdx << 32 | cpu.rax & 0xffff_ffffL;
  }

  /** Zeroes the registers' upper halves. */
  static void set(Cpu cpu, long value) {
    cpu.rax = value & 0xffff_ffffL;
    cpu.rdx = value >>> 32;
  }
}
