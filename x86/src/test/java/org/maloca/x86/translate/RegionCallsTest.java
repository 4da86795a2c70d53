package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.GuestFault;

/** Small regions that call the ones that they lead to, and go on when these lead back. */
class RegionCallsTest {
  private static final long CALLER = CodeMachine.CODE;
  private static final long UNMAPPED = 0x10_0000;

  private final CodeMachine machine = new CodeMachine(true, false);

  @BeforeEach
  void setRegisters() {
    machine.best = false;
    machine.cpu.rsp = CodeMachine.STACK;
    machine.cpu.rax = 0;
    machine.cpu.rbx = UNMAPPED;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  /** A caller, which knows where it is returned to, and a function, in regions of their own. */
  private void run(String code, long behindCall, long function) {
    machine.place(HexFormat.of().parseHex(code));
    machine.decoded(behindCall);
    machine.decoded(CALLER);
    machine.compile(CALLER);
    machine.decoded(function);
    machine.compile(function);
    machine.cpu.mmu.probeWrite(CodeMachine.STACK - 8, 8);
    machine.run();
  }

  /** CALL function; DEC ECX; JNZ CALLER; HLT; function: INC EAX; RET. */
  @Test
  void aCallerGoesOnWhereItIsReturnedToAndTheLoopTakesOverNowAndThen() {
    machine.cpu.rcx = 100;
    run("e805000000" + "ffc9" + "75f7" + "f4" + "ffc0" + "c3", CALLER + 5, CALLER + 10);

    assertEquals(100, machine.cpu.rax);
    assertTrue(machine.cpu.halted);
    assertEquals(5 * 100, machine.cpu.instructions);
    assertTrue(machine.regionsRun > 3 && machine.regionsRun < 10, "loop: " + machine.regionsRun);
  }

  /** CALL function; MOV EAX, [RBX]; function: INC EAX; RET. */
  @Test
  void aFaultOfACallerThatWasReturnedToIsSettledThere() {
    run("e802000000" + "8b03" + "ffc0" + "c3", CALLER + 5, CALLER + 7);

    assertEquals(GuestFault.PF, machine.vector);
    assertEquals(CALLER + 5, machine.cpu.rip);
    assertEquals(1, machine.cpu.rax);
    assertEquals(3, machine.cpu.instructions);
    assertEquals(1, machine.regionsRun);
  }

  /** CALL function; HLT; function: INC EAX; MOV EAX, [RBX]; RET. */
  @Test
  void aFaultOfACalledRegionIsSettledThere() {
    run("e801000000" + "f4" + "ffc0" + "8b03" + "c3", CALLER + 5, CALLER + 6);

    assertEquals(GuestFault.PF, machine.vector);
    assertEquals(CALLER + 8, machine.cpu.rip);
    assertEquals(1, machine.cpu.rax);
    assertEquals(2, machine.cpu.instructions);
    assertEquals(1, machine.regionsRun);
  }
}
