package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expected results are the architecture's, so these tests hold on any x86-64 host. */
class SiliconRunnerTest {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RSP = 4;
  private static final int FLAGS = 0x202;
  private static SiliconRunner runner;
  private static CaseBatch batch;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(SiliconRunner.available(), "needs Linux on x86-64 and gcc");
    runner = new SiliconRunner(1024);
    batch = runner.allocate(CaseKind.GPR, 1);
  }

  @AfterAll
  static void stop() {
    if (runner != null) {
      runner.close();
    }
  }

  @BeforeEach
  void clear() {
    for (int i = 0; i < 16; i++) {
      batch.gpr(0, i, 0);
    }
    batch.rflags(0, FLAGS);
    batch.patch(0, 0, 0);
    batch.size(1);
  }

  private static void run(String hex) {
    runAt(hex, 512);
  }

  private static void runAt(String hex, int offset) {
    byte[] code = HexFormat.of().parseHex(hex);
    batch.code(0, offset, 1, code, code.length);
    runner.execute(batch);
  }

  @Test
  void executesAnInstructionToItsEnd() {
    batch.gpr(0, RAX, -1);
    batch.gpr(0, RCX, 1);
    run("4801c8");

    assertEquals(CaseBatch.NO_FAULT, batch.vector(0));
    assertEquals(0, batch.resultGpr(0, RAX));
    assertEquals(FLAGS | 0x55, batch.resultRflags(0));
    assertEquals(CaseSpace.CODE_GVA + 512 + 3, batch.resultRip(0));
  }

  @Test
  void reportsTheTargetOfABranch() {
    run("eb40");

    assertEquals(CaseBatch.NO_FAULT, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 512 + 2 + 0x40, batch.resultRip(0));
  }

  @Test
  void reportsStores() {
    batch.gpr(0, RAX, CaseSpace.WINDOW_GVA + 40);
    batch.patch(0, 40, 8);
    batch.patchLong(0, 0, 0);
    run("c60077");

    assertEquals(40, batch.memoryLow(0));
    assertEquals(1, batch.memoryLength(0));
    assertEquals(0x77, batch.memoryByte(0, 0));
  }

  @Test
  void reportsAWriteBehindTheWindowAsPageFault() {
    batch.gpr(0, RAX, CaseSpace.WINDOW_GVA + CaseSpace.WINDOW_BYTES);
    run("c60077");

    assertEquals(14, batch.vector(0));
    assertEquals(6, batch.errorCode(0));
    assertEquals(CaseSpace.WINDOW_GVA + CaseSpace.WINDOW_BYTES, batch.cr2(0));
    assertEquals(CaseSpace.CODE_GVA + 512, batch.resultRip(0));
  }

  @Test
  void reportsAWriteToTheReadOnlyPageAsProtectionFault() {
    batch.gpr(0, RAX, CaseSpace.READ_ONLY_GVA);
    run("c60077");

    assertEquals(14, batch.vector(0));
    assertEquals(7, batch.errorCode(0));
  }

  @Test
  void reportsAnInstructionOverTheEndOfTheCodePage() {
    runAt("4801c8", 4094);

    assertEquals(14, batch.vector(0));
    assertEquals(0x14, batch.errorCode(0) & ~1);
    assertEquals(CaseSpace.CODE_GVA + 4096, batch.cr2(0));
  }

  @Test
  void completesAtTheEndOfTheCodePage() {
    runAt("4801c8", 4093);

    assertEquals(CaseBatch.NO_FAULT, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 4096, batch.resultRip(0));
  }

  @Test
  void tellsABreakpointFromTheFiller() {
    run("cc");

    assertEquals(3, batch.vector(0));
    assertEquals(CaseSpace.CODE_GVA + 513, batch.resultRip(0));
  }

  @Test
  void survivesAnyStackPointer() {
    batch.gpr(0, RSP, 0x1234_5678_9abc_def0L);
    run("50");

    assertEquals(0x1234_5678_9abc_def0L, batch.resultGpr(0, RSP));
    assertEquals(12, batch.vector(0));
  }

  @Test
  void namesTheCaseThatEndsTheProcessAndStartsAgain() {
    batch.gpr(0, RAX, 231); // exit_group
    var death = assertThrows(SiliconDeathException.class, () -> run("0f05"));
    assertEquals(0, death.index());

    executesAnInstructionToItsEnd();
  }

  @Test
  void recordedCasesReplay(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("vectors");
    try (var recorder = new SiliconRunner(1024)) {
      VectorRecorder.record(file, 3, recorder);
    }
    try (var vectors = RecordedVectors.open(new ByteArrayInputStream(Files.readAllBytes(file)));
        var second = new SecondSilicon(1024)) {
      assertEquals(List.of(), vectors.mismatches(second, 3));
    }
  }
}
