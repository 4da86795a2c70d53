package org.maloca.machine.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A whole machine.
 *
 * @param name for threads, logs and people
 * @param memoryBytes RAM, a multiple of 4096
 * @param cpus number of virtual CPUs
 * @param boot what to boot
 * @param devices beyond what a PC always has
 * @param reboots whether a reset by the guest starts it again; if not it ends the machine
 */
public record MachineConfig(
    String name,
    long memoryBytes,
    int cpus,
    BootConfig boot,
    List<DeviceConfig> devices,
    boolean reboots) {
  public static final long MIN_MEMORY_BYTES = 4L << 20;

  /** What guest-physical addresses and Java array indices of pages leave room for. */
  public static final long MAX_MEMORY_BYTES = 1L << 40;

  public static final int MAX_CPUS = 64;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  public MachineConfig {
    devices = List.copyOf(devices);
    if (!NAME.matcher(name).matches()) {
      throw new ConfigException(
          "name: '%s' must be letters, digits, '.', '_' and '-', at most 64".formatted(name));
    }
    if (memoryBytes < MIN_MEMORY_BYTES) {
      throw new ConfigException(
          "memory: %s asked, at least %s is needed"
              .formatted(MemorySize.format(memoryBytes), MemorySize.format(MIN_MEMORY_BYTES)));
    }
    if (memoryBytes > MAX_MEMORY_BYTES) {
      throw new ConfigException(
          "memory: %s asked, at most %s is possible"
              .formatted(MemorySize.format(memoryBytes), MemorySize.format(MAX_MEMORY_BYTES)));
    }
    if ((memoryBytes & 0xfff) != 0) {
      throw new ConfigException("memory: must be a multiple of 4 KiB");
    }
    if (cpus < 1 || cpus > MAX_CPUS) {
      throw new ConfigException("cpus: %d asked, 1 to %d are possible".formatted(cpus, MAX_CPUS));
    }
  }
}
