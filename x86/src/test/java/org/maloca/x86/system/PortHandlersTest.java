package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.GuestFault;

class PortHandlersTest {
  private static final int GENERAL_PROTECTION = SystemMachine.faultCode(GuestFault.GP, 0);

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void inReadsThePortIntoTheAccumulatorsPart() {
    cpu.rax = 0xffff_ffff_ffff_ffffL;
    machine.execute("e471");
    assertEquals(0x71, machine.bus.lastPort);
    assertEquals(0xffff_ffff_ffff_ff44L, cpu.rax);
  }

  @Test
  void outWritesThePortInDx() {
    cpu.rdx = 0x3f8;
    cpu.rax = 0x1234_5678;
    machine.execute("66ef");
    assertEquals(0x3f8, machine.bus.lastPort);
    assertEquals(0x5678, machine.bus.lastValue);
  }

  @Test
  void permissionMapGrantsPortsToUserMode() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    cpu.tr.limit = 0x68 + 0x100;
    machine.memory.write(SystemMachine.TSS + 0x66, 2, 0x68);
    cpu.rdx = 0x3f8;
    machine.execute("ec");
    machine.memory.write(SystemMachine.TSS + 0x68 + 0x3f8 / 8, 1, 2);
    machine.execute("ec");
    assertEquals(GENERAL_PROTECTION, machine.fault("66ed"));
  }

  @Test
  void portsBeyondThePermissionMapAreRefused() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    machine.memory.write(SystemMachine.TSS + 0x66, 2, 0x68);
    assertEquals(GENERAL_PROTECTION, machine.fault("e471"));
  }

  @Test
  void repeatedInputFillsMemory() {
    cpu.rcx = 3;
    cpu.rdi = 0x8000;
    machine.execute("f366 6d");
    assertEquals(0, cpu.rcx);
    assertEquals(0x8006, cpu.rdi);
    assertEquals(0x3344_3344L, machine.memory.read(0x8002, 4));
  }

  @Test
  void repeatedOutputStopsForEventsAndGoesOn() {
    cpu.rcx = 3;
    cpu.rsi = 0x8000;
    cpu.events.post(CpuEvents.KICK);
    assertEquals(SystemMachine.faultCode(GuestFault.RESTART, 0), machine.fault("f36e"));
    assertEquals(2, cpu.rcx);
    cpu.events.clear(CpuEvents.KICK);
    machine.execute("f36e");
    assertEquals(0x8003, cpu.rsi);
  }
}
