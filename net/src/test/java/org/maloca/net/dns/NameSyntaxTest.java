package org.maloca.net.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NameSyntaxTest {
  private static String read(String hex, int at) {
    StringBuilder text = new StringBuilder();
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    int end = NameSyntax.read(ByteBuffer.wrap(bytes), at, text);
    return end + ":" + text;
  }

  @Test
  void readsLabelsInLowerCase() {
    assertEquals("5:www", read("03 575757 00", 0));
    assertEquals("1:", read("00", 0));
  }

  @Test
  void followsPointersBackwards() {
    assertEquals("9:x.com", read("03 636f6d 00 01 78 c000", 5));
  }

  @Test
  void escapesWhatIsNotOfHostNames() {
    assertEquals("5:a\\046b", read("03 612e62 00", 0));
  }

  @Test
  void refusesLoopsAndPointersForward() {
    assertEquals("-1:", read("c000", 0));
    assertEquals("-1:a", read("01 61 c000", 0));
    assertEquals("-1:", read("c002 00", 0));
    // Two runs that point at each other.
    assertTrue(read("01 61 c004 01 62 c000", 4).startsWith("-1:"));
  }

  @Test
  void refusesReservedLabelTypesAndWhatPassesTheEnd() {
    assertTrue(read("40 00", 0).startsWith("-1:"));
    assertTrue(read("80 00", 0).startsWith("-1:"));
    assertTrue(read("03 61", 0).startsWith("-1:"));
    assertTrue(read("01 61", 0).startsWith("-1:"));
    assertTrue(read("00 c0", 1).startsWith("-1:"));
    assertTrue(read("00", 1).startsWith("-1:"));
  }

  @Test
  void refusesMoreThan255Octets() {
    ByteBuffer bytes = ByteBuffer.allocate(600);
    for (int i = 0; i < 128; i++) {
      bytes.put((byte) 1).put((byte) 'a');
    }
    bytes.put((byte) 0).flip();
    assertEquals(NameSyntax.BAD, NameSyntax.read(bytes, 0, new StringBuilder()));
    assertEquals(257, NameSyntax.read(bytes, 2, new StringBuilder()));
  }

  @Test
  void writesNamesAndRefusesWhatIsNone() {
    assertArrayEquals(
        "\3deb\6debian\3org\0".getBytes(StandardCharsets.US_ASCII),
        NameSyntax.encode("Deb.Debian.ORG."));
    assertThrows(IllegalArgumentException.class, () -> NameSyntax.encode("a..b"));
    assertThrows(IllegalArgumentException.class, () -> NameSyntax.encode("a b"));
    assertThrows(IllegalArgumentException.class, () -> NameSyntax.encode("a".repeat(64)));
    assertThrows(IllegalArgumentException.class, () -> NameSyntax.encode("a.".repeat(127) + "bb"));
    assertTrue(NameSyntax.isValid("a-b.c_d"));
    assertFalse(NameSyntax.isValid(""));
    assertFalse(NameSyntax.isValid("é"));
  }

  @Test
  void alwaysEndsOnRandomBytes() {
    Random random = new Random(3);
    byte[] bytes = new byte[300];
    for (int round = 0; round < 20_000; round++) {
      for (int i = 0; i < bytes.length; i++) {
        // Mostly short labels and pointers, which is where loops would be.
        int dice = random.nextInt(4);
        bytes[i] = (byte) (dice == 0 ? 0xc0 : dice == 1 ? random.nextInt() : random.nextInt(3));
      }
      StringBuilder text = new StringBuilder();
      int end = NameSyntax.read(ByteBuffer.wrap(bytes), random.nextInt(300), text);
      assertTrue(end <= bytes.length && text.length() <= 4 * 255);
    }
  }
}
