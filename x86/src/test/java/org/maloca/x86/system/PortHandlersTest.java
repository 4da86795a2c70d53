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
    cpu.r[Cpu.RAX] = 0xffff_ffff_ffff_ffffL;
    machine.execute("e471");
    assertEquals(0x71, machine.bus.lastPort);
    assertEquals(0xffff_ffff_ffff_ff44L, cpu.r[Cpu.RAX]);
  }

  @Test
  void outWritesThePortInDx() {
    cpu.r[Cpu.RDX] = 0x3f8;
    cpu.r[Cpu.RAX] = 0x1234_5678;
    machine.execute("66ef");
    assertEquals(0x3f8, machine.bus.lastPort);
    assertEquals(0x5678, machine.bus.lastValue);
  }

  @Test
  void permissionMapGrantsPortsToUserMode() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    cpu.tr.limit = 0x68 + 0x100;
    machine.memory.write(SystemMachine.TSS + 0x66, 2, 0x68);
    cpu.r[Cpu.RDX] = 0x3f8;
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
    cpu.r[Cpu.RCX] = 3;
    cpu.r[Cpu.RDI] = 0x8000;
    machine.execute("f366 6d");
    assertEquals(0, cpu.r[Cpu.RCX]);
    assertEquals(0x8006, cpu.r[Cpu.RDI]);
    assertEquals(0x3344_3344L, machine.memory.read(0x8002, 4));
  }

  @Test
  void repeatedOutputStopsForEventsAndGoesOn() {
    cpu.r[Cpu.RCX] = 3;
    cpu.r[Cpu.RSI] = 0x8000;
    cpu.events.post(CpuEvents.KICK);
    assertEquals(SystemMachine.faultCode(GuestFault.RESTART, 0), machine.fault("f36e"));
    assertEquals(2, cpu.r[Cpu.RCX]);
    cpu.events.clear(CpuEvents.KICK);
    machine.execute("f36e");
    assertEquals(0x8003, cpu.r[Cpu.RSI]);
  }
}
