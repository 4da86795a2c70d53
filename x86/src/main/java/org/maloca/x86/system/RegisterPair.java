package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/** EDX:EAX as 64 bits. */
final class RegisterPair {
  private RegisterPair() {}

  static long get(Cpu cpu) {
    return cpu.r[Cpu.RDX] << 32 | cpu.r[Cpu.RAX] & 0xffff_ffffL;
  }

  /** Zeroes the registers' upper halves. */
  static void set(Cpu cpu, long value) {
    cpu.r[Cpu.RAX] = value & 0xffff_ffffL;
    cpu.r[Cpu.RDX] = value >>> 32;
  }
}
