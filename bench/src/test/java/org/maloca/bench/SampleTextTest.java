package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class SampleTextTest {
  @Test
  void isTheSameEverywhere() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(SampleText.ofBytes(10_000));

    assertEquals(
        "03b95e12f349ea3f644bfb88ee9fc4d86f8246a12452911d7dedd3d4eae5a5b8",
        HexFormat.of().formatHex(digest));
  }

  @Test
  void longerTextBeginsWithShorterText() {
    byte[] text = SampleText.ofBytes(5_000);

    assertArrayEquals(Arrays.copyOf(text, 999), Arrays.copyOf(SampleText.ofBytes(1_000), 999));
  }

  @Test
  void hasLinesOfANameANumberAndWords() {
    String text = new String(SampleText.ofBytes(5_000), StandardCharsets.US_ASCII);

    assertTrue(text.endsWith("\n"));
    String[] lines = text.split("\n");
    for (String line : Arrays.copyOf(lines, lines.length - 1)) {
      assertTrue(line.matches("[a-z]+ [0-9]+( [a-z]+){3,14}"), line);
    }
  }
}
