package org.maloca.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short runs of the disks' long proofs. */
final class DiskStressTest {
  private static final int KILLS = 15;
  private static final long OPERATIONS = 30_000;

  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

  @Test
  void a_killed_writer_leaves_whole_images_with_all_that_was_flushed()
      throws IOException, InterruptedException {
    boolean isRight = new DiskCrash(folder, 1, out).run(KILLS, Pattern.compile(""));

    assertTrue(isRight, () -> said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void random_operations_leave_what_an_array_would_have() throws IOException {
    try (DiskOperations operations = new DiskOperations(folder)) {
      operations.run(OPERATIONS, 1, Pattern.compile(""), out);
    }
  }
}
