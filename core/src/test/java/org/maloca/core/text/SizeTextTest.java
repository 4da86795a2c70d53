package org.maloca.core.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizeTextTest {
  @ParameterizedTest
  @CsvSource({
    "512,512",
    "1k,1024",
    "64K,65536",
    "1.5G,1610612736",
    "2TiB,2199023255552",
    "64MB,67108864",
    "12B,12",
    "7E,8070450532247928832"
  })
  void reads_sizes(String text, long bytes) {
    assertEquals(bytes, SizeText.parse("size", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "K", "-1", "1X", "8E", "99999999999999999999", "1e9", "0x10"})
  void refuses_what_is_no_size(String text) {
    assertThrows(IllegalArgumentException.class, () -> SizeText.parse("size", text));
  }

  @Test
  void reads_a_bare_number_as_it_is_told() {
    assertEquals(64 << 20, SizeText.parse("size", "64", 'M'));
    assertEquals(64 << 10, SizeText.parse("size", "64K", 'M'));
  }

  @Test
  void writes_sizes() {
    assertEquals("1.5 GiB", SizeText.format(1_610_612_736L));
    assertEquals("512 B", SizeText.format(512));
    assertEquals("200 KiB", SizeText.format(200 << 10));
    assertEquals("8 EiB", SizeText.format(Long.MAX_VALUE));
  }
}
