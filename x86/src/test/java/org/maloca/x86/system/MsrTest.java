package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

class MsrTest {
  private static final int GENERAL_PROTECTION = SystemMachine.faultCode(GuestFault.GP, 0);

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  private void prepare(long index, long value) {
    cpu.rcx = index;
    cpu.rax = value & 0xffff_ffffL;
    cpu.rdx = value >>> 32;
  }

  private void write(long index, long value) {
    prepare(index, value);
    machine.execute("0f30");
  }

  private long read(long index) {
    cpu.rcx = index;
    machine.execute("0f32");
    return cpu.rdx << 32 | cpu.rax;
  }

  @ParameterizedTest
  @CsvSource({
    "0x174, 0x10",
    "0x176, 0xffff800000001000",
    "0x277, 0x0007040600070401",
    "0x200, 0x80000006",
    "0x201, 0x0000ff0000000800",
    "0x250, 0x0606060606060606",
    "0x26f, 0x0505050505050505",
    "0x2ff, 0xc06",
    "0xc0000081, 0x0023001000000000",
    "0xc0000082, 0xffffffff81000000",
    "0xc0000084, 0x47700",
    "0xc0000100, 0x00007f0000001000",
    "0xc0000102, 0xffff888000000000",
    "0xc0000103, 0x3",
    "0xc0000080, 0x200d01",
    "0x1b, 0xfee00d00"
  })
  void whatIsWrittenIsRead(String index, String value) {
    long number = Long.parseUnsignedLong(index.substring(2), 16);
    long expected = Long.parseUnsignedLong(value.substring(2), 16);
    cpu.efer = 0x400;
    write(number, expected);
    assertEquals(expected, read(number));
  }

  @ParameterizedTest
  @CsvSource({
    "0xc0000082, 0x0000800000000000",
    "0xc0000101, 0x8000000000000000",
    "0xc0000080, 0x1000",
    "0x277, 0x0000000000000002",
    "0x2ff, 0x407",
    "0x200, 0x100",
    "0xfe, 0x0",
    "0x1d9, 0x40",
    "0xc0010999, 0x0",
    "0x12345, 0x0"
  })
  void badValuesAndUnknownRegistersAreRefused(String index, String value) {
    prepare(
        Long.parseUnsignedLong(index.substring(2), 16),
        Long.parseUnsignedLong(value.substring(2), 16));
    assertEquals(GENERAL_PROTECTION, machine.fault("0f30"));
  }

  @Test
  void unknownRegisterCannotBeRead() {
    cpu.rcx = 0x12345;
    assertEquals(GENERAL_PROTECTION, machine.fault("0f32"));
  }

  @Test
  void longModeCannotBeSwitchedWhilePagingIsOn() {
    cpu.cr0 |= 1L << 31;
    prepare(0xc000_0080L, 0x100);
    assertEquals(GENERAL_PROTECTION, machine.fault("0f30"));
  }

  @Test
  void writingTheCounterMovesItsAdjustment() {
    write(0x10, 5000);
    machine.counter.ticks += 7;
    assertEquals(5007, read(0x10));
    assertEquals(4000, read(0x3b));
    write(0x3b, 0);
    assertEquals(1007, read(0x10));
  }

  @Test
  void theBusHearsHowFarTheCounterIsAhead() {
    write(0x10, 5000);
    assertEquals(4000, machine.bus.ticksAhead);
    write(0x3b, -10);
    assertEquals(-10, machine.bus.ticksAhead);
  }

  /** The machine's counter is at 1000; this CPU's is moved to 5000. */
  @ParameterizedTest
  @CsvSource({"6000, 2000", "5001, 1001", "5000, 1", "3, 1", "0, 0", "-1, -4001"})
  void deadlineReachesTheBusOnTheMachinesCounter(long deadline, long outside) {
    write(0x10, 5000);
    write(0x6e0, deadline);
    assertEquals(outside, machine.bus.msr);
  }

  @Test
  void deadlineIsReadOnTheCpusCounter() {
    write(0x10, 5000);
    write(0x6e0, 6000);
    assertEquals(6000, read(0x6e0));
  }

  @Test
  void userModeReachesNoRegister() {
    machine.privilege(SystemMachine.USER_CODE, SystemMachine.USER_DATA);
    prepare(0x10, 0);
    assertEquals(GENERAL_PROTECTION, machine.fault("0f32"));
  }
}
