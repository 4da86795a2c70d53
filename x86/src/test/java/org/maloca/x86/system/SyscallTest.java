package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

class SyscallTest {
  private static final long ENTRY = 0xffff_8000_0000_1000L;
  private static final long COMPATIBILITY_ENTRY = 0xffff_8000_0000_2000L;

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @BeforeEach
  void configure() {
    cpu.msr.star = 0x0033_0010L << 32;
    cpu.msr.lstar = ENTRY;
    cpu.msr.cstar = COMPATIBILITY_ENTRY;
    cpu.msr.sfmask = Flags.IF | Flags.TF;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void syscallSavesRipAndFlagsAndMasksThem() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    cpu.setRflags(Flags.IF | Flags.CF);
    machine.execute("0f05");
    assertEquals(ENTRY, cpu.rip);
    assertEquals(SystemMachine.RIP + 2, cpu.rcx);
    assertEquals(Flags.IF | Flags.CF | 2, cpu.gpr(11));
    assertEquals(Flags.CF | 2, cpu.rflags());
    assertEquals(0, cpu.cpl);
    assertEquals(0x10, cpu.segments[Cpu.CS].selector);
    assertEquals(0x18, cpu.segments[Cpu.SS].selector);
    assertTrue(cpu.is64());
  }

  @Test
  void sysretRestoresUserCode() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.rcx = 0x7fff_1234L;
    cpu.setGpr(11, Flags.IF | Flags.ZF);
    machine.execute("480f07");
    assertEquals(0x7fff_1234L, cpu.rip);
    assertEquals(3, cpu.cpl);
    assertEquals(0x43, cpu.segments[Cpu.CS].selector);
    assertEquals(0x3b, cpu.segments[Cpu.SS].selector);
    assertEquals(Flags.IF | Flags.ZF | 2, cpu.rflags());
    assertTrue(cpu.is64());
  }

  @Test
  void sysretOfFourBytesGoesToCompatibilityMode() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.rcx = 0xffff_ffff_0000_1000L;
    machine.execute("0f07");
    assertEquals(0x1000, cpu.rip);
    assertEquals(0x33, cpu.segments[Cpu.CS].selector);
    assertFalse(cpu.is64());
  }

  @Test
  void syscallOfCompatibilityCodeHasItsOwnEntry() {
    machine.enterLongMode(SystemMachine.USER_CODE);
    machine.execute("0f05");
    assertEquals(COMPATIBILITY_ENTRY, cpu.rip);
    assertTrue(cpu.is64());
  }

  @Test
  void syscallIsUndefinedUntilEnabled() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    cpu.efer &= ~1;
    assertEquals(SystemMachine.faultCode(GuestFault.UD, 0), machine.fault("0f05"));
  }

  @Test
  void sysenterIsUndefinedInLongMode() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    cpu.msr.sysenterCs = 8;
    assertEquals(SystemMachine.faultCode(GuestFault.UD, 0), machine.fault("0f34"));
  }

  @Test
  void sysenterAndSysexitWorkInProtectedMode() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    cpu.msr.sysenterCs = 0x08;
    cpu.msr.sysenterEip = 0x1_2340;
    cpu.msr.sysenterEsp = 0x5000;
    machine.execute("0f34");
    assertEquals(0x1_2340, cpu.rip);
    assertEquals(0x5000, cpu.rsp);
    assertEquals(0, cpu.cpl);
    cpu.rcx = 0x6000;
    cpu.rdx = 0x7770;
    machine.execute("0f35");
    assertEquals(0x7770, cpu.rip);
    assertEquals(3, cpu.cpl);
    assertEquals(0x1b, cpu.segments[Cpu.CS].selector);
  }

  @Test
  void swapgsExchangesTheBases() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.segments[Cpu.GS].base = 1;
    cpu.msr.kernelGsBase = 2;
    machine.execute("0f01f8");
    assertEquals(2, cpu.segments[Cpu.GS].base);
    assertEquals(1, cpu.msr.kernelGsBase);
  }
}
