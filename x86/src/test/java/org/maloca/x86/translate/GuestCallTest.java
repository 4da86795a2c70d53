package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;

class GuestCallTest {
  private static final long CALLER = CodeMachine.CODE;
  private static final long BEHIND_CALL = CALLER + 5;
  private static final long FUNCTION = CALLER + 10;

  /** CALL FUNCTION; DEC ECX; JNZ CALLER; HLT; FUNCTION: INC EAX; RET. */
  private static final String LOOP = "e805000000" + "ffc9" + "75f7" + "f4" + "ffc0" + "c3";

  @Test
  void aFunctionReturnsToTheCallThatWaitsThoughItsRegionHoldsTheWayBack() {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex(LOOP));
      machine.cpu.r[Cpu.RSP] = CodeMachine.STACK;
      machine.cpu.r[Cpu.RAX] = 0;
      machine.cpu.r[Cpu.RCX] = 3;

      // The caller's region knows nothing of the function, which thus is called.
      machine.decoded(CALLER);
      machine.decoded(BEHIND_CALL);
      machine.compile(CALLER);
      machine.decoded(FUNCTION).noteComputedJump(BEHIND_CALL - FUNCTION);
      machine.compile(FUNCTION);
      // A miss of the TLB would leave the region before the call.
      machine.cpu.mmu.store64(CodeMachine.STACK - 8, 0);
      machine.run();

      assertEquals(3, machine.cpu.r[Cpu.RAX]);
      assertEquals(3, machine.cpu.counters.nestedCalls);
      assertEquals(0, machine.cpu.callDepth);
      assertEquals(Cpu.NO_SLOT, machine.cpu.awaitedReturnSlot);
    }
  }
}
