package org.maloca.machine.config;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the host has to give. */
public final class HostResources {
  private static final Path LINUX_MEMINFO = Path.of("/proc/meminfo");

  private HostResources() {}

  /**
   * Checks that the host could ever hold the machine's memory.
   *
   * @throws ConfigException when it could not
   */
  public static void requireMemory(long bytes) {
    long host = memoryBytes();
    if (bytes > host) {
      throw new ConfigException(
          "memory: %s asked, the host has %d MiB".formatted(MemorySize.format(bytes), host >> 20));
    }
  }

  /** The host's physical memory in bytes. */
  public static long memoryBytes() {
    // The management bean takes a tenth of a second to come up; this file does not.
    if (Files.isReadable(LINUX_MEMINFO)) {
      try (Stream<String> lines = Files.lines(LINUX_MEMINFO)) {
        long kib =
            lines
                .filter(line -> line.startsWith("MemTotal:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
        if (kib > 0) {
          return kib << 10;
        }
      } catch (IOException | NumberFormatException oddProc) {
        return beanMemoryBytes();
      }
    }
    return beanMemoryBytes();
  }

  private static long beanMemoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }
}
