package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Efer;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

class ControlRegisterTest {
  private static final int GENERAL_PROTECTION = SystemMachine.faultCode(GuestFault.GP, 0);

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  /** MOV CRn, EAX, expecting #GP(0). */
  private void assertRefuses(int register, long value) {
    cpu.rax = value;
    assertEquals(GENERAL_PROTECTION, machine.fault("0f22" + modRm(register)));
  }

  private void write(int register, long value) {
    cpu.rax = value;
    machine.execute("0f22" + modRm(register));
  }

  private static String modRm(int register) {
    return Integer.toHexString(0xc0 | register << 3);
  }

  @Test
  void pagingActivatesLongMode() {
    cpu.efer = Efer.LME;
    cpu.cr4 = ControlRegisters.CR4_PAE;
    write(0, 0x8000_0011L);
    assertEquals(Efer.LME | Efer.LMA, cpu.efer);
  }

  @Test
  void longModeNeedsPhysicalAddressExtension() {
    cpu.efer = Efer.LME;
    assertRefuses(0, 0x8000_0011L);
    assertEquals(Efer.LME, cpu.efer);
  }

  @Test
  void pagingNeedsProtection() {
    assertRefuses(0, 0x8000_0010L);
  }

  @Test
  void cacheBitsMustAgree() {
    assertRefuses(0, 0x2000_0011L);
  }

  @Test
  void unknownBitsOfCr4AreRefused() {
    assertRefuses(4, 1 << 13);
  }

  @Test
  void processContextIdentifiersNeedLongMode() {
    assertRefuses(4, ControlRegisters.CR4_PCIDE);
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.cr4 = ControlRegisters.CR4_PAE;
    write(4, ControlRegisters.CR4_PAE | ControlRegisters.CR4_PCIDE);
    assertEquals(ControlRegisters.CR4_PAE | ControlRegisters.CR4_PCIDE, cpu.cr4);
  }

  @Test
  void noFlushBitOfCr3IsNotKept() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.cr4 = ControlRegisters.CR4_PAE | ControlRegisters.CR4_PCIDE;
    write(3, 0x8000_0000_0000_1005L);
    assertEquals(0x1005, cpu.cr3);
    cpu.cr4 = ControlRegisters.CR4_PAE;
    assertRefuses(3, 0x8000_0000_0000_1005L);
  }

  @Test
  void reservedBitsOfPageDirectoryPointersAreRefused() {
    cpu.cr0 |= ControlRegisters.CR0_PG;
    cpu.cr4 = ControlRegisters.CR4_PAE;
    machine.memory.write(0x3000, 8, 0x4003);
    assertRefuses(3, 0x3000);
    machine.memory.write(0x3000, 8, 0x4001);
    write(3, 0x3000);
    assertEquals(0x3000, cpu.cr3);
  }

  @Test
  void userModeReachesNoControlRegister() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    assertRefuses(0, 0x11);
  }

  @Test
  void machineStatusWordCannotLeaveProtectedMode() {
    cpu.rax = 0x8;
    machine.execute("0f01f0");
    assertEquals(0x19, cpu.cr0);
  }

  @Test
  void taskPriorityIsTheBuses() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
    cpu.rax = 9;
    machine.execute("440f22c0");
    assertEquals(9, machine.bus.taskPriority());
    cpu.rax = 16;
    assertEquals(GENERAL_PROTECTION, machine.fault("440f22c0"));
  }

  @Test
  void debugRegisterAccessTrapsWhileGeneralDetectIsOn() {
    cpu.dr[7] |= 1 << 13;
    assertEquals(SystemMachine.faultCode(GuestFault.DB, 0), machine.fault("0f23c0"));
    assertTrue((cpu.dr[6] & 1 << 13) != 0);
    machine.execute("0f23c0");
  }

  @Test
  void debugAliasesVanishWithDebuggingExtensions() {
    cpu.rax = 0xf;
    machine.execute("0f23e0");
    assertEquals(0xffff_0fffL, cpu.dr[6]);
    cpu.cr4 = ControlRegisters.CR4_DE;
    assertEquals(SystemMachine.faultCode(GuestFault.UD, 0), machine.fault("0f23e0"));
  }

  @Test
  void stiHoldsInterruptsOffForOneInstruction() {
    machine.execute("fb");
    assertTrue(cpu.interruptShadow);
    cpu.interruptShadow = false;
    machine.execute("fb");
    assertEquals(false, cpu.interruptShadow);
  }

  @Test
  void popfInUserModeLeavesPrivilegedFlags() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.memory.write(SystemMachine.STACK, 4, 0xffff_ffffL);
    machine.execute("9d");
    assertEquals(0, cpu.systemFlags & (Flags.IF | Flags.IOPL | Flags.VM | Flags.RF | Flags.VIF));
    assertEquals(Flags.ARITHMETIC, cpu.arithmeticFlags());
  }

  @Test
  void userModePreventionHidesDescriptorTables() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.execute("0f010500800000");
    assertEquals(0xff, machine.memory.read(0x8000, 2));
    cpu.cr4 = ControlRegisters.CR4_UMIP;
    assertEquals(GENERAL_PROTECTION, machine.fault("0f010500800000"));
  }
}
