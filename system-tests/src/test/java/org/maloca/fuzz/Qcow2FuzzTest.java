package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Qcow2FuzzTest {
  @TempDir Path folder;

  @Test
  void damaged_images_are_refused_or_work() throws IOException {
    assertTrue(Qcow2Fuzz.run(folder, 0, 1000, 1) > 100);
  }
}
