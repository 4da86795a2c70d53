package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFuzzTest {
  @TempDir Path folder;

  @Test
  void damagedImagesOfAllKindsAreRefusedOrWork() throws IOException {
    String said = ImageFuzz.run(folder, 0, 20, 1);
    assertTrue(said.contains(" opened"), said);
  }
}
