package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.Insn;

/** PUSHes and POPs that small regions execute by one call. */
class StackRunsTest {
  private static final String HLT = "f4";

  @ParameterizedTest
  @CsvSource({
    // push rbp; push r15; push rax; mov eax,ecx; pop rbx; pop r9
    "5541575089c85b4159, 0:5.15.0 4:3.9",
    // pushes, then pops
    "50515859, 0:0.1 2:0.1",
    // one alone
    "5089c8515a89d0, none",
    // push rsp; push rax: the former on its own, and then the latter
    "5450, none",
    // pop rsp in their midst
    "58595c5a5b, 0:0.1 3:2.3",
    // push rax by FF /6, and with a prefix of no effect
    "fff0485050, none",
    // eight: seven and one
    "5050505050505051, 0:0.0.0.0.0.0.0",
    // of two bytes
    "66506651, none",
  })
  void whichFollowEachOther(String hex, String expected) {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex(hex + HLT));
      Insn[] insns = machine.decoded(CodeMachine.CODE).insns();
      StackRuns runs = new StackRuns(insns);
      StringJoiner text = new StringJoiner(" ");
      text.setEmptyValue("none");
      for (int i = 0; i < insns.length; i++) {
        if (runs.length(i) > 0) {
          StringJoiner registers = new StringJoiner(".", i + ":", "");
          int packed = runs.packed(i);
          for (int k = 0; k < StackRuns.count(packed); k++) {
            registers.add("" + StackRuns.register(packed, k));
          }
          text.add(registers.toString());
        }
      }
      assertEquals(expected, text.toString());
    }
  }

  /** The third of four PUSHes comes to a page that is not there. */
  @Test
  void theOneThatFaultsLeavesThoseBeforeItDone() {
    try (CodeMachine machine = new CodeMachine(true, true)) {
      machine.place(HexFormat.of().parseHex("50415151415052" + HLT));
      machine.map(0xb, 0, true);
      machine.cpu.rsp = 0xc010;
      machine.cpu.setGpr(0, 11);
      machine.cpu.setGpr(9, 22);

      machine.run();

      assertEquals(GuestFault.PF, machine.vector);
      assertEquals(CodeMachine.CODE + 3, machine.cpu.rip);
      assertEquals(0xc000, machine.cpu.rsp);
      assertEquals(11, machine.memory.read(0xc008, 8));
      assertEquals(22, machine.memory.read(0xc000, 8));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0xbfe8, 0xbff0, 0xbff8, 0xc000})
  void popsAcrossTheEndOfAPageAreAsAnyOthers(long stack) {
    try (CodeMachine machine = new CodeMachine(true, true)) {
      machine.place(HexFormat.of().parseHex("5841595b" + HLT));
      for (int i = 0; i < 3; i++) {
        machine.memory.write(stack + 8L * i, 8, 100 + i);
      }
      machine.cpu.rsp = stack;

      machine.run();

      assertEquals(CodeMachine.NONE, machine.vector);
      assertEquals(stack + 24, machine.cpu.rsp);
      assertEquals(100, machine.cpu.gpr(0));
      assertEquals(101, machine.cpu.gpr(9));
      assertEquals(102, machine.cpu.gpr(3));
    }
  }
}
