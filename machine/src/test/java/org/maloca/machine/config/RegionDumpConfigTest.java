package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegionDumpConfigTest {
  @Test
  void writesAllRegionsUnlessAnAddressIsGiven() {
    assertEquals(
        new RegionDumpConfig(Path.of("some", "folder"), OptionalLong.empty()),
        RegionDumpConfig.parse("some/folder"));
  }

  @Test
  void takesAddressesOfBothHalvesWithAndWithoutPrefix() {
    assertEquals(
        OptionalLong.of(0xffff_ffff_8100_0000L),
        RegionDumpConfig.parse("d,match=ffffffff81000000").rip());
    assertEquals(OptionalLong.of(0x1000), RegionDumpConfig.parse("d,match=0x1000").rip());
  }

  @Test
  void allowsCommasInTheFolder() {
    RegionDumpConfig config = RegionDumpConfig.parse("a,b,match=1");

    assertEquals(Path.of("a,b"), config.folder());
    assertEquals(OptionalLong.of(1), config.rip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",match=1",
        "d,match=",
        "d,match=xyz",
        "d,match=11111111111111111",
        "d,mtach=1"
      })
  void refusesWhatHasNoMeaning(String text) {
    assertThrows(ConfigException.class, () -> RegionDumpConfig.parse(text));
  }
}
