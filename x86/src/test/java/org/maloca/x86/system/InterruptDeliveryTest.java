package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

class InterruptDeliveryTest {
  private static final int VECTOR = 0x40;

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void interruptAtTheSamePrivilegePushesFlagsAndReturnAddress() {
    machine.interruptGate(VECTOR, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    cpu.rip = 0x1234;
    cpu.setRflags(Flags.IF | Flags.CF | 2);
    assertTrue(InterruptDelivery.interrupt(cpu, VECTOR));
    assertEquals(SystemMachine.GATE_RIP, cpu.rip);
    assertEquals(SystemMachine.STACK - 12, cpu.rsp);
    assertEquals(0x1234, machine.stack(0, 4));
    assertEquals(SystemMachine.KERNEL_CODE, machine.stack(1, 4));
    assertEquals(Flags.IF | Flags.CF | 2, machine.stack(2, 4));
    assertEquals(Flags.CF | 2, cpu.rflags());
  }

  @Test
  void trapGateLeavesInterruptsEnabled() {
    machine.interruptGate(VECTOR, SystemMachine.KERNEL_CODE, SystemMachine.TRAP_GATE);
    cpu.setRflags(Flags.IF);
    InterruptDelivery.interrupt(cpu, VECTOR);
    assertTrue((cpu.systemFlags & Flags.IF) != 0);
  }

  @Test
  void interruptFromUserModeSwitchesToTheStackOfTheTask() {
    machine.interruptGate(VECTOR, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    cpu.rip = 0x1234;
    InterruptDelivery.interrupt(cpu, VECTOR);
    assertEquals(0, cpu.cpl);
    assertEquals(SystemMachine.KERNEL_DATA, cpu.segments[Cpu.SS].selector);
    assertEquals(SystemMachine.KERNEL_STACK - 20, cpu.rsp);
    assertEquals(SystemMachine.USER_CODE, machine.stack(1, 4));
    assertEquals(SystemMachine.STACK, machine.stack(3, 4));
    assertEquals(SystemMachine.USER_DATA, machine.stack(4, 4));
  }

  @Test
  void faultPushesItsErrorCodeAndTheResumeFlag() {
    machine.interruptGate(GuestFault.GP, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    assertTrue(InterruptDelivery.raise(cpu, GuestFault.GP, 0x18));
    assertEquals(0x18, machine.stack(0, 4));
    assertEquals(Flags.RF | 2, machine.stack(3, 4));
  }

  @Test
  void pageFaultLeavesItsAddressInCr2() {
    machine.interruptGate(GuestFault.PF, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    cpu.fault.address = 0xdead_b000L;
    InterruptDelivery.raise(cpu, GuestFault.PF, 2);
    assertEquals(0xdead_b000L, cpu.cr2);
  }

  @Test
  void gateThatIsNotPresentMakesAContributoryFaultADoubleFault() {
    machine.interruptGate(GuestFault.GP, SystemMachine.KERNEL_CODE, 0x0e);
    machine.interruptGate(GuestFault.DF, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    assertTrue(InterruptDelivery.raise(cpu, GuestFault.GP, 0));
    assertEquals(SystemMachine.GATE_RIP, cpu.rip);
    assertEquals(0, machine.stack(0, 4));
  }

  @Test
  void undefinedOpcodeWithoutGateBecomesGeneralProtectionOfItsGate() {
    machine.interruptGate(GuestFault.GP, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    assertTrue(InterruptDelivery.raise(cpu, GuestFault.UD, 0));
    assertEquals(GuestFault.UD << 3 | 2 | 1, machine.stack(0, 4));
  }

  @Test
  void thirdFaultShutsDown() {
    cpu.idtrLimit = 0;
    assertFalse(InterruptDelivery.raise(cpu, GuestFault.UD, 0));
    assertEquals(SystemMachine.STACK, cpu.rsp);
  }

  @Test
  void stackWithoutRoomLeavesTheStateAlone() {
    machine.interruptGate(VECTOR, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    cpu.segments[Cpu.SS].limit = 0x100;
    cpu.updateMode();
    assertFalse(InterruptDelivery.interrupt(cpu, VECTOR));
    assertEquals(SystemMachine.STACK, cpu.rsp);
    assertEquals(SystemMachine.KERNEL_CODE, cpu.segments[Cpu.CS].selector);
  }

  @Test
  void softwareInterruptNeedsTheGatesPrivilege() {
    machine.interruptGate(0x80, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0x80 << 3 | 2), machine.fault("cd80"));
    machine.interruptGate(0x80, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE | 0x60);
    machine.execute("cd80");
    assertEquals(0, cpu.cpl);
    assertEquals(SystemMachine.RIP + 2, machine.stack(0, 4));
  }

  @Test
  void interruptOfAVirtual8086TaskPushesItsSegmentsAndEmptiesThem() {
    machine.interruptGate(VECTOR, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    cpu.setRflags(Flags.VM | 2);
    for (int i = 0; i < 6; i++) {
      SegmentLoader.loadVirtual8086(cpu, i, 0x100 + i);
    }
    cpu.cpl = 3;
    cpu.rsp = 0x800;
    cpu.updateMode();
    InterruptDelivery.interrupt(cpu, VECTOR);
    assertEquals(0, cpu.cpl);
    assertEquals(SystemMachine.KERNEL_STACK - 36, cpu.rsp);
    assertEquals(0x100 + Cpu.GS, machine.stack(8, 4));
    assertEquals(0x100 + Cpu.ES, machine.stack(5, 4));
    assertEquals(0x800, machine.stack(3, 4));
    assertEquals(0, cpu.segments[Cpu.DS].attributes);
    assertFalse(cpu.isVirtual8086());
    // And back: IRET restores the task.
    machine.execute("cf");
    assertTrue(cpu.isVirtual8086());
    assertEquals(3, cpu.cpl);
    assertEquals(0x100 + Cpu.GS, cpu.segments[Cpu.GS].selector);
    assertEquals(0x1000 + 16 * Cpu.CS, cpu.segments[Cpu.CS].base);
    assertEquals(0x800, cpu.rsp);
  }

  @Test
  void realModeUsesTheVectorTable() {
    cpu.cr0 = 0x10;
    cpu.idtrBase = 0;
    cpu.idtrLimit = 0x3ff;
    machine.memory.write(VECTOR * 4, 4, 0x2000_0123);
    cpu.updateMode();
    cpu.rip = 0x77;
    assertTrue(InterruptDelivery.interrupt(cpu, VECTOR));
    assertEquals(0x123, cpu.rip);
    assertEquals(0x2_0000, cpu.segments[Cpu.CS].base);
    assertEquals(SystemMachine.STACK - 6, cpu.rsp);
    assertEquals(0x77, machine.stack(0, 2));
  }
}
