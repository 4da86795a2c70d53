package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

class TaskSwitchTest {
  private static final int OTHER_TSS = 0x6000;
  private static final int OTHER_STACK = 0xb000;
  private static final int OTHER_RIP = 0x5555;
  private static final int OTHER = SystemMachine.FREE;

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @BeforeEach
  void buildOtherTask() {
    machine.descriptor(OTHER, OTHER_TSS, 0x67, 0x89, 0);
    machine.memory.write(OTHER_TSS + 0x20, 4, OTHER_RIP);
    machine.memory.write(OTHER_TSS + 0x24, 4, 2);
    machine.memory.write(OTHER_TSS + 0x28, 4, 0xaaaa);
    machine.memory.write(OTHER_TSS + 0x38, 4, OTHER_STACK);
    for (int i = 0; i < 6; i++) {
      machine.memory.write(OTHER_TSS + 0x48 + 4 * i, 4, SystemMachine.KERNEL_DATA);
    }
    machine.memory.write(OTHER_TSS + 0x4c, 4, SystemMachine.KERNEL_CODE);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private int typeOf(int selector) {
    return (int) machine.memory.read(SystemMachine.GDT + selector + 5, 1) & 0xf;
  }

  @Test
  void jumpSavesTheOldTaskAndLoadsTheNew() {
    cpu.rbx = 0x1234_5678;
    machine.execute("ea 00000000 5000");
    assertEquals(OTHER_RIP, cpu.rip);
    assertEquals(0xaaaa, cpu.rax);
    assertEquals(OTHER_STACK, cpu.rsp);
    assertEquals(OTHER, cpu.tr.selector);
    assertTrue((cpu.cr0 & ControlRegisters.CR0_TS) != 0);
    assertEquals(Descriptor.TYPE_TSS32_BUSY, typeOf(OTHER));
    assertEquals(Descriptor.TYPE_TSS32_AVAILABLE, typeOf(SystemMachine.TASK));
    assertEquals(SystemMachine.RIP + 7, machine.memory.read(SystemMachine.TSS + 0x20, 4));
    assertEquals(0x1234_5678, machine.memory.read(SystemMachine.TSS + 0x34, 4));
  }

  @Test
  void callNestsAndReturnComesBack() {
    machine.execute("9a 00000000 5000");
    assertTrue((cpu.systemFlags & Flags.NT) != 0);
    assertEquals(SystemMachine.TASK, machine.memory.read(OTHER_TSS, 2));
    assertEquals(Descriptor.TYPE_TSS32_BUSY, typeOf(SystemMachine.TASK));
    machine.execute("cf");
    assertEquals(SystemMachine.RIP + 7, cpu.rip);
    assertEquals(SystemMachine.TASK, cpu.tr.selector);
    assertEquals(0, cpu.systemFlags & Flags.NT);
    assertEquals(Descriptor.TYPE_TSS32_AVAILABLE, typeOf(OTHER));
  }

  @Test
  void busyTaskIsRefused() {
    machine.descriptor(OTHER, OTHER_TSS, 0x67, 0x8b, 0);
    assertEquals(SystemMachine.faultCode(GuestFault.GP, OTHER), machine.fault("ea 00000000 5000"));
  }

  @Test
  void shortTaskStateSegmentIsRefused() {
    machine.descriptor(OTHER, OTHER_TSS, 0x66, 0x89, 0);
    assertEquals(SystemMachine.faultCode(GuestFault.TS, OTHER), machine.fault("ea 00000000 5000"));
  }

  @Test
  void doubleFaultThroughATaskGatePushesItsErrorCodeInTheNewTask() {
    machine.gate(SystemMachine.IDT + 8 * GuestFault.DF, OTHER, 0, 0x85, 0);
    assertTrue(InterruptDelivery.raise(cpu, GuestFault.GP, 0));
    assertEquals(OTHER_RIP, cpu.rip);
    assertEquals(OTHER_STACK - 4, cpu.rsp);
  }

  @Test
  void faultAfterTheSwitchBelongsToTheNewTask() {
    machine.memory.write(OTHER_TSS + 0x54, 4, SystemMachine.FREE + 8);
    machine.interruptGate(GuestFault.TS, SystemMachine.KERNEL_CODE, SystemMachine.INTERRUPT_GATE);
    machine.execute("ea 00000000 5000");
    assertEquals(SystemMachine.GATE_RIP, cpu.rip);
    assertEquals(SystemMachine.FREE + 8, machine.stack(0, 4));
    assertEquals(OTHER_RIP, machine.stack(1, 4));
  }
}
