package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.maloca.x86.translate.RegionShape.Kind;

class RegionShapeTest {
  private static final long START = CodeMachine.CODE;

  /** TEST EAX, EAX; JZ over NOP; HLT. */
  private static final String EITHER_WAY = "85c0" + "7401" + "90" + "f4";

  private static final long SIDE_WAY = START + 4;
  private static final long MEETING = START + 5;

  private static CodeMachine machineThatWentBothWays() {
    CodeMachine machine = new CodeMachine(true, false);
    machine.place(HexFormat.of().parseHex(EITHER_WAY));
    for (long value = 0; value < 2; value++) {
      machine.cpu.rax = value;
      machine.run();
    }
    return machine;
  }

  @Test
  void withoutSamplesWaysThatWereInterpretedBelongToARegion() {
    try (CodeMachine machine = machineThatWentBothWays()) {
      assertEquals(List.of(START, SIDE_WAY, MEETING), machine.gathered(Kind.BEST));
    }
  }

  @Test
  void waysThatSamplesShowToBeColdStayOut() {
    try (CodeMachine machine = machineThatWentBothWays()) {
      machine.block(START).samples = 160;
      machine.block(MEETING).samples = 160;

      machine.block(SIDE_WAY).samples = 9;
      assertEquals(List.of(START, MEETING), machine.gathered(Kind.BEST));

      machine.block(SIDE_WAY).samples = 10;
      assertEquals(List.of(START, SIDE_WAY, MEETING), machine.gathered(Kind.BEST));
    }
  }

  @Test
  void smallRegionsTakeWhatWasInterpreted() {
    try (CodeMachine machine = machineThatWentBothWays()) {
      machine.block(START).samples = 160;
      assertEquals(List.of(START, SIDE_WAY, MEETING), machine.gathered(Kind.QUICK));
    }
  }

  /** MOV RCX, RCX 60 times is cut behind the 48th; the second block begins within the first. */
  @Test
  void blocksThatAreCutDifferentlyAreNotInOneRegion() {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex("85c0" + "7403" + "4889c9".repeat(60) + "f4"));
      for (long value = 0; value < 2; value++) {
        machine.cpu.rax = value;
        machine.run();
      }
      long inOrder = START + 4;
      long behindFirst = START + 7;
      List<Long> gathered = machine.gathered(Kind.BEST);
      assertTrue(gathered.contains(inOrder) != gathered.contains(behindFirst), gathered.toString());
    }
  }

  /** MOV ECX, 3; CALL the function; HLT. The function: DEC ECX; JZ to its end; CALL itself; RET. */
  private static final String CALLER = "b903000000" + "e801000000" + "f4";

  private static final long FUNCTION = START + 11;
  private static final long FUNCTION_MIDST = START + 15;
  private static final String CALLS_ITSELF = "ffc9" + "7405" + "e8f7ffffff" + "c3";
  private static final String ONLY_RETURNS = "ffc9" + "7405" + "6690666690" + "c3";

  private static @Nullable Long recursiveFunction(String function, long gatheredFrom) {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex(CALLER + function));
      machine.cpu.rsp = CodeMachine.STACK;
      machine.run();
      RegionShape shape = machine.request(gatheredFrom, Kind.BEST).shape();
      RegionBlock beginning = shape.recursiveFunction();
      return beginning == null ? null : shape.base() + beginning.offset();
    }
  }

  @Test
  void aFunctionThatCallsItselfIsFoundFromItsMidst() {
    assertEquals(FUNCTION, recursiveFunction(CALLS_ITSELF, FUNCTION_MIDST));
  }

  @Test
  void fromItsBeginningOrItsCallerThereIsNothingToFind() {
    assertNull(recursiveFunction(CALLS_ITSELF, FUNCTION));
    assertNull(recursiveFunction(CALLS_ITSELF, START));
  }

  @Test
  void aFunctionThatIsCalledByOthersAloneIsNone() {
    assertNull(recursiveFunction(ONLY_RETURNS, FUNCTION_MIDST));
  }

  @Test
  void aNudgedCpuLooksAtItsBlocksForAMoment() {
    try (CodeMachine machine = machineThatWentBothWays()) {
      assertTrue(machine.blocksToInterpretAfterNudge() > 0);
    }
  }
}
