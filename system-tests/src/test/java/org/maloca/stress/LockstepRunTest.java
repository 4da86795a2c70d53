package org.maloca.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run of what {@code ./dev lockstep} does at length. */
class LockstepRunTest {
  @ParameterizedTest
  @ValueSource(strings = {"fibonacci", "indirect", "sha256"})
  void theEnginesAgree(String guest, @TempDir Path folder) throws Exception {
    var report = new ByteArrayOutputStream();
    var lockstep = new LockstepRun(new PrintStream(report), false);

    assertTrue(lockstep.runBare(guest, folder), report::toString);
    assertTrue(report.toString().contains("DEBUG_EXIT"), report::toString);
  }
}
