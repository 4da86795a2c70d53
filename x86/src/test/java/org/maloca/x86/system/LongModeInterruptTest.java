package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

class LongModeInterruptTest {
  private static final int VECTOR = 0x30;

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @BeforeEach
  void enter() {
    machine.enterLongMode(SystemMachine.LONG_CODE);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void frameIsAlignedAndHasTheStackEvenAtTheSamePrivilege() {
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 0);
    cpu.rsp = SystemMachine.STACK + 5;
    cpu.rip = 0x1234;
    assertTrue(InterruptDelivery.interrupt(cpu, VECTOR));
    assertEquals(SystemMachine.LONG_GATE_RIP, cpu.rip);
    assertEquals(SystemMachine.STACK - 40, cpu.rsp);
    assertEquals(0x1234, machine.stack(0, 8));
    assertEquals(SystemMachine.STACK + 5, machine.stack(3, 8));
    assertEquals(SystemMachine.KERNEL_DATA, machine.stack(4, 8));
  }

  @Test
  void interruptStackTableReplacesTheStackAtAnyPrivilege() {
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 2);
    machine.memory.write(SystemMachine.TSS + 0x24 + 8, 8, 0xc008);
    InterruptDelivery.interrupt(cpu, VECTOR);
    assertEquals(0xc000 - 40, cpu.rsp);
  }

  @Test
  void innerPrivilegeHasANullStackSegment() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 0);
    InterruptDelivery.interrupt(cpu, VECTOR);
    assertEquals(0, cpu.cpl);
    assertEquals(0, cpu.segments[Cpu.SS].selector);
    assertEquals(SystemMachine.KERNEL_STACK - 40, cpu.rsp);
    assertEquals(SystemMachine.LONG_USER_CODE, machine.stack(1, 8));
  }

  @Test
  void returnGoesBackToUserCode() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 0);
    cpu.setRflags(Flags.IF | Flags.ZF);
    cpu.rip = 0x4_5678;
    InterruptDelivery.interrupt(cpu, VECTOR);
    machine.execute("48cf");
    assertEquals(3, cpu.cpl);
    assertEquals(0x4_5678, cpu.rip);
    assertEquals(SystemMachine.STACK, cpu.rsp);
    assertEquals(SystemMachine.USER_DATA, cpu.segments[Cpu.SS].selector);
    assertEquals(Flags.IF | Flags.ZF | 2, cpu.rflags());
  }

  @Test
  void returnToOuterPrivilegeKeepsTheBasesOfNullSegments() {
    machine.enterLongMode(SystemMachine.LONG_USER_CODE);
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 0);
    InterruptDelivery.interrupt(cpu, VECTOR);
    cpu.segments[Cpu.FS].set(0, 0x7f00_0000_1000L, 0, 0);
    machine.load(Cpu.DS, SystemMachine.KERNEL_DATA);
    machine.execute("48cf");
    assertEquals(0x7f00_0000_1000L, cpu.segments[Cpu.FS].base);
    assertEquals(0, cpu.segments[Cpu.DS].selector);
  }

  @Test
  void returnUnblocksNonMaskableInterrupts() {
    machine.longGate(2, SystemMachine.INTERRUPT_GATE, 0);
    InterruptDelivery.interrupt(cpu, 2);
    cpu.nmiBlocked = true;
    machine.execute("48cf");
    assertEquals(false, cpu.nmiBlocked);
  }

  @Test
  void stackThatIsNotCanonicalIsAStackFault() {
    machine.longGate(VECTOR, SystemMachine.INTERRUPT_GATE, 1);
    machine.longGate(GuestFault.SS, SystemMachine.INTERRUPT_GATE, 0);
    machine.memory.write(SystemMachine.TSS + 0x24, 8, 0x8000_0000_0000_0000L);
    assertTrue(InterruptDelivery.interrupt(cpu, VECTOR));
    assertEquals(1, machine.stack(0, 8));
    assertEquals(SystemMachine.KERNEL_DATA, machine.stack(5, 8));
  }

  @Test
  void nestedTaskFlagMakesReturnAFault() {
    cpu.systemFlags |= Flags.NT;
    assertEquals(SystemMachine.faultCode(GuestFault.GP, 0), machine.fault("48cf"));
  }
}
