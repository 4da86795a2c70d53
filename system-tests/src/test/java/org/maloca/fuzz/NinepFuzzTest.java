package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class NinepFuzzTest {
  @Test
  void hostileMessagesDoNoHarm(@TempDir Path place) throws IOException {
    long accepted = NinepFuzz.run(place, 100_000, 1);
    assertTrue(accepted > 10_000, accepted + " messages got through");
  }
}
