package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MachineConfigTest {
  private static final BootConfig BOOT = new BootConfig(Path.of("k"), List.of(), "");

  private static String refusal(String name, long memory, int cpus) {
    return assertThrows(
            ConfigException.class,
            () -> new MachineConfig(name, memory, cpus, BOOT, List.of(), true))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "512M,536870912",
    "2G,2147483648",
    "64,67108864",
    "4096k,4194304",
    "1GiB,1073741824",
    "1T,1099511627776"
  })
  void readsSizes(String text, long bytes) {
    assertEquals(bytes, MemorySize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "M", "-1M", "1.5.5G", "12X", "999999999999T", "0x10"})
  void refusesWhatIsNoSize(String text) {
    assertThrows(ConfigException.class, () -> MemorySize.parse(text));
  }

  @Test
  void saysWhatIsWrongWithAMachine() {
    assertTrue(refusal("a b", 64 << 20, 1).startsWith("name:"));
    assertTrue(refusal("a", 1 << 20, 1).contains("at least 4 MiB"));
    assertTrue(refusal("a", 2L << 40, 1).contains("at most 1 TiB"));
    assertTrue(refusal("a", (64 << 20) + 1, 1).contains("multiple of 4 KiB"));
    assertTrue(refusal("a", 64 << 20, 0).contains("1 to 64"));
  }

  @Test
  void readsDevices() {
    assertEquals(new DeviceConfig.DebugExit(0xf4), DeviceConfig.parse("debug-exit"));
    assertEquals(new DeviceConfig.DebugExit(0x501), DeviceConfig.parse("debug-exit,port=0x501"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "floppy",
        "debug-exit,",
        "debug-exit,port",
        "debug-exit,port=x",
        "debug-exit,irq=4",
        "debug-exit,port=0x10000"
      })
  void refusesDevicesThatDoNotExist(String text) {
    assertThrows(ConfigException.class, () -> DeviceConfig.parse(text));
  }

  @Test
  void refusesMoreMemoryThanTheHostHas() {
    assertTrue(
        assertThrows(ConfigException.class, () -> HostResources.requireMemory(1L << 60))
            .getMessage()
            .contains("the host has"));
  }
}
