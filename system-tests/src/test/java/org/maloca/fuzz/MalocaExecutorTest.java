package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MalocaExecutorTest {
  private static final int RAX = 0;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int GP = 13;
  private static final int SS = 12;
  private static final int PF = 14;
  private static final int FLAGS = 0x202;
  private static final long WINDOW_END = CaseSpace.WINDOW_GVA + CaseSpace.WINDOW_BYTES;

  private final MalocaExecutor executor = new MalocaExecutor(MalocaExecutor.Way.SPECIALISED_OPS);
  private final CaseBatch batch = CaseBatch.in(Arena.ofAuto(), CaseKind.GPR, 1);

  @AfterEach
  void close() {
    executor.close();
  }

  private void run(String hex) {
    runAt(hex, 512);
  }

  private void runAt(String hex, int offset) {
    byte[] code = HexFormat.of().parseHex(hex);
    batch.code(0, offset, 1, code, code.length);
    batch.rflags(0, FLAGS);
    batch.size(1);
    executor.execute(batch);
  }

  /** What silicon did, on any host: all ways of execution must do the same. */
  @ParameterizedTest
  @ValueSource(strings = {"interpreter", "reference", "translator"})
  void agreesWithRecordedSilicon(String engine) throws IOException {
    try (var vectors = RecordedVectors.open();
        var recorded = Engines.create(engine, 1)) {
      assertEquals(List.of(), vectors.mismatches(recorded, 3));
    }
  }

  @Test
  void theTranslatorCompilesWhatItRuns() {
    try (var translating = new MalocaExecutor(MalocaExecutor.Way.TRANSLATED)) {
      byte[] code = {0x48, (byte) 0xff, (byte) 0xc0};
      batch.code(0, 512, 1, code, code.length);
      batch.rflags(0, FLAGS);
      batch.size(1);
      translating.execute(batch);

      assertEquals(1, batch.resultGpr(0, RAX));
      assertEquals(1, translating.compiledRuns());
    }
  }

  @Test
  void forgetsTheCodeOfTheCaseBefore() {
    batch.gpr(0, RAX, 5);
    run("48ffc0");
    assertEquals(6, batch.resultGpr(0, RAX));

    run("48ffc8");
    assertEquals(4, batch.resultGpr(0, RAX));
  }

  @Test
  void endsWhereABranchLeavesTheCode() {
    run("eb40");

    assertEquals(CaseBatch.NO_FAULT, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 512 + 2 + 0x40, batch.resultRip(0));
  }

  @Test
  void tellsABreakpointFromTheFiller() {
    run("cc");

    assertEquals(3, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 513, batch.resultRip(0));
  }

  @Test
  void cutsOffACaseThatNeverEnds() {
    run("ebfe");

    assertEquals(CaseBatch.NO_FAULT, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 512, batch.resultRip(0));
  }

  @Test
  void aPageFaultOfTheSecondPageNamesItsFirstByte() {
    batch.gpr(0, RAX, WINDOW_END - 2);
    run("480118");

    assertEquals(PF, batch.vector(0));
    assertEquals(6, batch.errorCode(0));
    assertEquals(WINDOW_END, batch.cr2(0));
  }

  @Test
  void aStackAddressThatIsNotCanonicalIsAStackFault() {
    batch.gpr(0, RBP, Long.MIN_VALUE);
    run("480b4500");

    assertEquals(SS, batch.vector(0));
  }

  @Test
  void anyOtherAddressThatIsNotCanonicalIsAProtectionFault() {
    batch.gpr(0, RAX, Long.MIN_VALUE);
    run("480b00");

    assertEquals(GP, batch.vector(0));
  }

  @Test
  void aCallFindsItsStackBeforeItChecksItsTarget() {
    batch.gpr(0, RAX, Long.MIN_VALUE);
    batch.gpr(0, RSP, WINDOW_END + 8);
    run("ffd0");

    assertEquals(PF, batch.vector(0));
    assertEquals(WINDOW_END, batch.cr2(0));
  }

  @Test
  void anUndefinedInstructionIsFetchedWhole() {
    runAt("0fba0800", CaseSpace.PAGE_BYTES - 3);

    assertEquals(PF, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + CaseSpace.PAGE_BYTES, batch.cr2(0));
  }
}
