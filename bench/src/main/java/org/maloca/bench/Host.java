package org.maloca.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.maloca.machine.config.HostResources;

/** The machine that measures. */
final class Host {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private Host() {}

  /** What figures depend on, in a line. */
  static String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %d CPUs, %d MiB; %s %s; Java %s (%s); load before: %.2f",
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        HostResources.memoryBytes() >> 20,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("java.version"),
        System.getProperty("java.vm.name"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private static String cpuModel() {
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException notLinux) {
      return System.getProperty("os.arch");
    }
  }
}
