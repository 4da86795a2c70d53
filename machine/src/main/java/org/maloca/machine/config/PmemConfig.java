package org.maloca.machine.config;

import java.nio.file.Path;

/**
 * Persistent memory of a machine, as in {@code --pmem data.img}: a plain file.
 *
 * @param file whose bytes it shows
 * @param isEphemeral whether what the guest writes is thrown away at the end
 */
public record PmemConfig(Path file, boolean isEphemeral) {
  /**
   * Reads {@code FILE[,ephemeral]}.
   *
   * @throws ConfigException when it says something else
   */
  public static PmemConfig parse(String text) {
    DeviceProperties properties = DeviceProperties.parse("--pmem", text);
    if (properties.main().isEmpty()) {
      throw new ConfigException("--pmem: which file? As in --pmem data.img");
    }
    PmemConfig config = new PmemConfig(properties.mainPath(), properties.flag("ephemeral"));
    properties.finish();
    return config;
  }

  /** The same, whose changes are thrown away. */
  public PmemConfig ephemeral() {
    return new PmemConfig(file, true);
  }
}
