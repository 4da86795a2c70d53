package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

class FarTransferTest {
  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void jumpLoadsTheCodeSegment() {
    machine.execute("ea 78560000 0800");
    assertEquals(0x5678, cpu.rip);
    assertEquals(SystemMachine.KERNEL_CODE, cpu.segments[Cpu.CS].selector);
  }

  @Test
  void jumpToLongCodeEnters64BitMode() {
    cpu.efer = 0x501;
    machine.execute("ea 78560000 3800");
    assertEquals(true, cpu.is64());
  }

  @Test
  void jumpBeyondTheLimitFaultsBeforeAnythingChanges() {
    machine.descriptor(SystemMachine.FREE, 0, 0x100, 0x9b, 4);
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0), machine.fault("ea 01010000 5000"));
    assertEquals(SystemMachine.KERNEL_CODE, cpu.segments[Cpu.CS].selector);
  }

  @Test
  void jumpOutwardIsRefused() {
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0x18), machine.fault("ea 00000000 1b00"));
  }

  @Test
  void conformingCodeRunsAtTheCallersPrivilege() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.execute("ea 00100000 4800");
    assertEquals(3, cpu.cpl);
    assertEquals(SystemMachine.CONFORMING_CODE | 3, cpu.segments[Cpu.CS].selector);
  }

  @Test
  void segmentThatIsNotPresentFaults() {
    machine.descriptor(SystemMachine.FREE, 0, 0xfffff, 0x1b, SystemMachine.FLAT_32);
    assertEquals(
        SystemMachine.faultCode(GuestFault.NP, SystemMachine.FREE),
        machine.fault("ea 00000000 5000"));
  }

  @Test
  void callPushesTheReturnAddressAndReturnPopsIt() {
    machine.execute("9a 00100000 0800");
    assertEquals(SystemMachine.STACK - 8, cpu.rsp);
    assertEquals(SystemMachine.RIP + 7, machine.stack(0, 4));
    assertEquals(SystemMachine.KERNEL_CODE, machine.stack(1, 4));
    machine.execute("ca 0400");
    assertEquals(SystemMachine.RIP + 7, cpu.rip);
    assertEquals(SystemMachine.STACK + 4, cpu.rsp);
  }

  @Test
  void callGateCopiesParametersToTheInnerStack() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.gate(
        SystemMachine.GDT + SystemMachine.FREE,
        SystemMachine.KERNEL_CODE,
        SystemMachine.GATE_RIP,
        0xec,
        2);
    machine.memory.write(SystemMachine.STACK, 4, 0x1111);
    machine.memory.write(SystemMachine.STACK + 4, 4, 0x2222);
    machine.execute("9a 00000000 5300");
    assertEquals(SystemMachine.GATE_RIP, cpu.rip);
    assertEquals(0, cpu.cpl);
    assertEquals(SystemMachine.KERNEL_STACK - 24, cpu.rsp);
    assertEquals(SystemMachine.USER_CODE, machine.stack(1, 4));
    assertEquals(0x1111, machine.stack(2, 4));
    assertEquals(0x2222, machine.stack(3, 4));
    assertEquals(SystemMachine.STACK, machine.stack(4, 4));
    // The callee returns and releases the parameters on both stacks.
    machine.execute("ca 0800");
    assertEquals(3, cpu.cpl);
    assertEquals(SystemMachine.STACK + 8, cpu.rsp);
    assertEquals(SystemMachine.RIP + 7, cpu.rip);
  }

  @Test
  void callGateBelowTheCallersPrivilegeIsRefused() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.gate(SystemMachine.GDT + SystemMachine.FREE, SystemMachine.KERNEL_CODE, 0, 0x8c, 0);
    assertEquals(
        SystemMachine.faultCode(GuestFault.GP, SystemMachine.FREE),
        machine.fault("9a 00000000 5300"));
  }

  @Test
  void loadingASegmentSetsTheAccessedBit() {
    machine.descriptor(SystemMachine.FREE, 0, 0xfffff, 0x92, SystemMachine.FLAT_32);
    cpu.rax = SystemMachine.FREE;
    machine.execute("8ed8");
    assertEquals(0x93, machine.memory.read(SystemMachine.GDT + SystemMachine.FREE + 5, 1));
  }

  @Test
  void stackSegmentMustMatchThePrivilege() {
    cpu.rax = SystemMachine.USER_DATA;
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0x20), machine.fault("8ed0"));
    cpu.rax = 0;
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0), machine.fault("8ed0"));
  }

  @Test
  void movToStackSegmentHoldsInterruptsOff() {
    cpu.rax = SystemMachine.KERNEL_DATA;
    machine.execute("8ed0");
    assertEquals(true, cpu.interruptShadow);
  }

  @Test
  void realModeLoadKeepsTheLimit() {
    cpu.cr0 = 0x10;
    cpu.updateMode();
    cpu.rax = 0x1234;
    machine.execute("8ed8");
    assertEquals(0x1_2340, cpu.segments[Cpu.DS].base);
    assertEquals(-1, cpu.segments[Cpu.DS].limit);
  }
}
