package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;

/** Calls whose callee's region holds the way back, too. */
class GuestCallTest {
  private static final long CALLER = CodeMachine.CODE;

  private final CodeMachine machine = new CodeMachine(true, false);

  @BeforeEach
  void setRegisters() {
    machine.cpu.rsp = CodeMachine.STACK;
    machine.cpu.rax = 0;
    machine.cpu.rcx = 3;
  }

  @AfterEach
  void close() {
    machine.close();
  }

  /** The caller's region knows nothing of the function, which thus is called. */
  private void run(String code, long behindCall, long function) {
    machine.place(HexFormat.of().parseHex(code));
    machine.decoded(CALLER);
    machine.decoded(behindCall);
    machine.compile(CALLER);
    machine.decoded(function).noteComputedJump(behindCall - function);
    machine.compile(function);
    // A miss of the TLB would leave the region before the call.
    machine.cpu.mmu.store64(CodeMachine.STACK - 8, 0);
    machine.run();
  }

  /** CALL RBX; DEC ECX; JNZ CALLER; HLT; function: INC EAX; RET. */
  @Test
  void aComputedCallIsReturnedTo() {
    machine.cpu.rbx = CALLER + 7;
    run("ffd3" + "ffc9" + "75fa" + "f4" + "ffc0" + "c3", CALLER + 2, CALLER + 7);

    assertEquals(3, machine.cpu.rax);
    assertEquals(3, machine.cpu.counters.nestedCalls);
    assertEquals(0, machine.cpu.callDepth);
    assertEquals(Cpu.NO_SLOT, machine.cpu.awaitedReturnSlot);
  }

  /** CALL function; DEC ECX; JNZ CALLER; HLT; function: INC EAX; RET. */
  @Test
  void aCallOfAFixedPlaceIsLeftForIt() {
    run("e805000000" + "ffc9" + "75f7" + "f4" + "ffc0" + "c3", CALLER + 5, CALLER + 10);

    assertEquals(3, machine.cpu.rax);
    assertEquals(0, machine.cpu.counters.nestedCalls);
    assertEquals(0, machine.cpu.callDepth);
  }
}
