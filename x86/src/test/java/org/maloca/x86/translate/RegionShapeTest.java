package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
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

  @Test
  void aNudgedCpuLooksAtItsBlocksForAMoment() {
    try (CodeMachine machine = machineThatWentBothWays()) {
      assertTrue(machine.blocksToSampleAfterNudge() > 0);
    }
  }
}
