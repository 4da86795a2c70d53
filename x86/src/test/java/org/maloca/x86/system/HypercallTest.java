package org.maloca.x86.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

class HypercallTest {
  private static final int UNDEFINED_OPCODE = SystemMachine.faultCode(GuestFault.UD, 0);
  private static final String VMCALL = "0f01c1";
  private static final String VMMCALL = "0f01d9";

  private final SystemMachine machine = new SystemMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  /** KVM_HC_CLOCK_PAIRING, which Linux makes to see whether it is there, and one to be. */
  @ParameterizedTest
  @CsvSource({VMCALL + ", 9", VMMCALL + ", 9", VMMCALL + ", 0xffff"})
  void thereIsNoSuchCall(String hex, long number) {
    machine.bus.kvmFeatures = 1;
    cpu.rax = number;

    machine.execute(hex);

    assertEquals(-1000, (int) cpu.rax);
    assertEquals(0, cpu.rax >>> 32);
    assertEquals(SystemMachine.RIP + 3, cpu.rip);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMCALL, VMMCALL})
  void waitingInterruptsMayBeAskedFor(String hex) {
    machine.bus.kvmFeatures = 1;
    cpu.rax = 1;

    machine.execute(hex);

    assertEquals(0, cpu.rax);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMCALL, VMMCALL})
  void aProcessMayNotCall(String hex) {
    machine.bus.kvmFeatures = 1;
    cpu.cpl = 3;
    cpu.rax = 1;

    machine.execute(hex);

    assertEquals(-1, (int) cpu.rax);
  }

  @ParameterizedTest
  @ValueSource(strings = {VMCALL, VMMCALL})
  void withoutKvmsInterfaceItIsUndefined(String hex) {
    assertEquals(UNDEFINED_OPCODE, machine.fault(hex));
  }
}
