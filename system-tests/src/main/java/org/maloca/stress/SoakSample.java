package org.maloca.stress;

import java.io.IOException;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.maloca.core.cpu.EngineStatistics;

/**
 * What a JVM and the engine in it hold at one moment.
 *
 * @param work done so far, in what the guest counts
 * @param cpuNanos of all threads of the process
 * @param residentBytes memory of the process; 0 where the system does not tell
 * @param heapBytes of Java objects, with what was not collected yet
 * @param metaspaceBytes of classes
 * @param compiledBytes of the JVM's compiled code
 * @param classes loaded now
 * @param unloaded classes ever unloaded
 * @param regions in use
 * @param evicted regions ever dropped to make room
 * @param blocks of decoded guest code
 */
record SoakSample(
    long work,
    long cpuNanos,
    long residentBytes,
    long heapBytes,
    long metaspaceBytes,
    long compiledBytes,
    long classes,
    long unloaded,
    long regions,
    long evicted,
    long blocks) {
  static final String HEADER =
      " minutes   work/s work/CPU-s  RSS MiB  heap MiB  meta MiB  code MiB  classes  unloaded"
          + "  regions  evicted   blocks";

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double MEBIBYTE = 1 << 20;

  static SoakSample take(long work, EngineStatistics engine) throws IOException {
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    long live =
        engine.value("regions", "quick-live").orElse(0)
            + engine.value("regions", "best-live").orElse(0);
    return new SoakSample(
        work,
        processCpuNanos(),
        residentNow(),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        pools("Metaspace", "Compressed Class Space"),
        pools("CodeHeap", "CodeCache"),
        classes.getLoadedClassCount(),
        classes.getUnloadedClassCount(),
        live,
        engine.value("region-drops", "evicted").orElse(0),
        engine.value("code", "blocks-kept").orElse(0));
  }

  private static long processCpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : System.nanoTime();
  }

  private static long pools(String... prefixes) {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      for (String prefix : prefixes) {
        if (pool.getName().startsWith(prefix)) {
          bytes += pool.getUsage().getUsed();
        }
      }
    }
    return bytes;
  }

  private static long residentNow() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }

  /** A line of a table, for what was done since an earlier sample. */
  String line(SoakSample before, double minutes, double seconds) {
    return String.format(
        Locale.ROOT,
        "%8.1f %8.1f %10.1f %8.0f %9.1f %9.1f %9.1f %8d %9d %8d %8d %8d",
        minutes,
        (work - before.work) / seconds,
        workPerCpuSecond(before),
        residentBytes / MEBIBYTE,
        heapBytes / MEBIBYTE,
        metaspaceBytes / MEBIBYTE,
        compiledBytes / MEBIBYTE,
        classes,
        unloaded,
        regions,
        evicted,
        blocks);
  }

  /** Speed, whatever else the host had to do meanwhile. */
  double workPerCpuSecond(SoakSample before) {
    return (work - before.work) * 1e9 / Math.max(1, cpuNanos - before.cpuNanos);
  }
}
