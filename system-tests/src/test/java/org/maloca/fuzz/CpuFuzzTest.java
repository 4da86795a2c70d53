package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CpuFuzzTest {
  private static final int CAPACITY = 2048;
  private static final int RAX = 0;
  private static final int RCX = 1;
  private final ByteArrayOutputStream report = new ByteArrayOutputStream();

  @BeforeEach
  void siliconIsThere() {
    assumeTrue(SiliconRunner.available(), "needs Linux on x86-64 and gcc");
  }

  /** Silicon, but for one fault: a result of RAX is off by one where RCX began as odd. */
  private record OffByOne(SecondSilicon silicon) implements CaseExecutor {
    @Override
    public void execute(CaseBatch batch) {
      silicon.execute(batch);
      for (int i = 0; i < batch.size(); i++) {
        batch.resultGpr(i, RAX, batch.resultGpr(i, RAX) + (batch.gpr(i, RCX) & 1));
      }
    }

    @Override
    public void close() {
      silicon.close();
    }
  }

  private boolean run(CaseExecutor engine, String... arguments) throws IOException {
    var options = FuzzOptions.parse(arguments);
    try (var fuzz = new CpuFuzz(options, engine, new PrintStream(report))) {
      return fuzz.run();
    }
  }

  @Test
  void siliconAgreesWithItself() throws IOException {
    assertTrue(run(new SecondSilicon(CAPACITY), "--cases", "20000"), report::toString);
  }

  @Test
  void reportsAMismatchWithNothingButWhatMatters() throws IOException {
    boolean agreed =
        run(new OffByOne(new SecondSilicon(CAPACITY)), "--cases", "2048", "--only", "f5");

    assertFalse(agreed);
    String text = report.toString();
    assertTrue(text.contains("MISMATCH f5"), text);
    assertTrue(text.contains("seed 1 case "), text);
    assertTrue(text.contains("  rcx "), text);
    assertFalse(text.contains("  rdx "), text);
    assertTrue(text.contains("rax        silicon 0000000000000000  maloca 0000000000000001"), text);
  }
}
