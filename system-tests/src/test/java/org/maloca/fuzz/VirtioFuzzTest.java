package org.maloca.fuzz;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtioFuzzTest {
  @ParameterizedTest
  @ValueSource(strings = {"blk", "net", "console", "rng", "balloon", "vsock", "scsi"})
  void devicesStandNonsense(String kind) throws IOException {
    VirtioFuzz.run(kind, 20_000, 1);
  }
}
