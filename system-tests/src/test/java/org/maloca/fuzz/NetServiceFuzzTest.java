package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class NetServiceFuzzTest {
  @Test
  void aShortRunAnswersMuchAndBreaksNoRule() throws IOException {
    assertTrue(NetServiceFuzz.run(4000, 1) > 1000);
  }
}
