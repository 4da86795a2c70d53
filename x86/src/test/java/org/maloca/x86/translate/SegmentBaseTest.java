package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.Cpu;

/** Accesses by GS in 64-bit code, by handlers and by compiled regions of both kinds. */
class SegmentBaseTest {
  private static final String MOV_AL_GS_RDX = "658a02";
  private static final String HLT = "f4";
  private static final int RDX = 2;

  /** As an EPYC 9005 has it. */
  @ParameterizedTest
  @CsvSource({
    "-1,0, a000",
    "-1,7000, 3000",
    "-1,ffffffffffff0000, 1a000",
    "13,fffff5577d2e900f, 800000000000",
    "13,ffff800000000000, 80000000a000",
    "13,7ffffffff000, ffff7fffffff0000",
    "13,7ffffffff000, 1000",
    "14,7ffffffff000, fffff00000000000"
  })
  void theOffsetMustBeCanonicalAndTheSumToo(int vector, String gsBase, String offset) {
    for (int engine = 0; engine < 3; engine++) {
      try (CodeMachine machine = new CodeMachine(true, engine > 0)) {
        machine.best = engine == 2;
        machine.place(HexFormat.of().parseHex(MOV_AL_GS_RDX + HLT));
        machine.cpu.segments[Cpu.GS].base = Long.parseUnsignedLong(gsBase, 16);
        machine.cpu.setGpr(RDX, Long.parseUnsignedLong(offset, 16));

        machine.run();

        assertEquals(vector < 0 ? CodeMachine.NONE : vector, machine.vector, "engine " + engine);
        assertTrue(engine == 0 || machine.regionsRun > 0);
      }
    }
  }
}
