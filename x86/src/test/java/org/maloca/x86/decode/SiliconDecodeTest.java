package org.maloca.x86.decode;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.IrVerifier;
import org.maloca.x86.ir.Operation;

/** Random code decodes to the lengths and the invalid opcodes that a CPU makes of it. */
class SiliconDecodeTest {
  private static final Map<Integer, String> OUTCOMES = Map.of(Decoder.TOO_LONG, "gp");

  private final Decoder decoder = new Decoder(new CpuFeatures(1));
  private final InsnBuilder builder = new InsnBuilder();

  @Test
  void agreesWithSilicon() throws IOException {
    try (BufferedReader reader = open()) {
      assertAll(
          reader
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split(" "))
              .map(fields -> () -> assertEquals(fields[2], outcome(fields), fields[1])));
    }
  }

  @Test
  void anyBytesGiveAWellFormedInstruction() {
    Random random = new Random(20);
    byte[] code = new byte[15];
    for (int i = 0; i < 200_000; i++) {
      random.nextBytes(code);
      int mode = random.nextInt(3) | i << 2 & 0x7c;
      decoder.decode(at -> code[at] & 0xff, mode, i & 0xfff, builder);
      IrVerifier.verify(builder.build());
    }
  }

  private String outcome(String[] fields) {
    HexCode code = new HexCode(fields[1]);
    int length = decoder.decode(code, HexCode.mode(Integer.parseInt(fields[0])), 0, builder);
    String outcome = OUTCOMES.getOrDefault(length, Integer.toString(length));
    return length > 0 && builder.operation == Operation.UD ? "ud" : outcome;
  }

  private static BufferedReader open() {
    return new BufferedReader(
        new InputStreamReader(
            Objects.requireNonNull(SiliconDecodeTest.class.getResourceAsStream("silicon.txt")),
            StandardCharsets.US_ASCII));
  }
}
