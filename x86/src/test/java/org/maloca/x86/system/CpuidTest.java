package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;

class CpuidTest {
  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  private void execute(long leaf, long subleaf) {
    cpu.rax = leaf;
    cpu.rcx = subleaf;
    machine.execute("0fa2");
  }

  private static String text(long... registers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * registers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long register : registers) {
      bytes.putInt((int) register);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII).replace("\0", "");
  }

  @Test
  void vendorIsTheOneWhoseManualWeFollow() {
    execute(0, 0);
    assertEquals("AuthenticAMD", text(cpu.rbx, cpu.rdx, cpu.rcx));
  }

  @Test
  void brandComesInThreeLeaves() {
    execute(0x8000_0002L, 0);
    String first = text(cpu.rax, cpu.rbx, cpu.rcx, cpu.rdx);
    execute(0x8000_0003L, 0);
    String second = text(cpu.rax, cpu.rbx, cpu.rcx, cpu.rdx);
    assertEquals(cpu.features.brand(), first + second);
  }

  @Test
  void hypervisorTellsItsNameAndTheCountersRate() {
    execute(0x4000_0000L, 0);
    assertEquals("MalocaMaloca", text(cpu.rbx, cpu.rcx, cpu.rdx));
    execute(0x4000_0010L, 0);
    assertEquals(1_000_000, cpu.rax);
  }

  @Test
  void whatTheBusHasOfKvmsInterfaceIsFoundWhereKvmIsLookedFor() {
    machine.bus.kvmFeatures = 0x0100_000b;

    execute(0x4000_0100L, 0);
    assertEquals(0x4000_0101L, cpu.rax);
    assertEquals("KVMKVMKVM", text(cpu.rbx, cpu.rcx, cpu.rdx));
    execute(0x4000_0101L, 0);
    assertEquals(0x0100_000bL, cpu.rax);
  }

  @Test
  void aBusWithoutKvmsInterfaceHidesIt() {
    execute(0x4000_0100L, 0);
    assertEquals(0, cpu.rax);
    assertEquals("", text(cpu.rbx, cpu.rcx, cpu.rdx));
  }

  @Test
  void osxsaveFollowsCr4() {
    execute(1, 0);
    assertEquals(0, cpu.rcx >>> 27 & 1);
    cpu.cr4 = ControlRegisters.CR4_OSXSAVE;
    execute(1, 0);
    assertEquals(1, cpu.rcx >>> 27 & 1);
  }

  @Test
  void vectorExtensionsThatWeLackAreNotOffered() {
    execute(1, 0);
    long avxAndF16c = 1 << 28 | 1 << 29;
    long fma = 1 << 12;
    long monitor = 1 << 3;
    assertEquals(0, cpu.rcx & (avxAndF16c | fma | monitor));
    execute(7, 0);
    long avx2AndAvx512 = 1 << 5 | 1 << 16;
    assertEquals(0, cpu.rbx & avx2AndAvx512);
  }

  @Test
  void extendedStateIsX87AndSse() {
    execute(0xd, 0);
    assertEquals(3, cpu.rax);
    assertEquals(576, cpu.rcx);
  }

  @Test
  void coresShareThePackage() {
    execute(0xb, 1);
    assertEquals(1, cpu.rax);
    assertEquals(2, cpu.rbx);
  }

  @Test
  void leavesBeyondTheLastAreZero() {
    execute(0x1234, 0);
    assertEquals(0, cpu.rax | cpu.rbx | cpu.rcx | cpu.rdx);
  }
}
