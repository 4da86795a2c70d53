package org.maloca.cli;

import org.maloca.machine.config.MemorySize;

/**
 * With how little memory the guests of ours come up, tried with Linux 6.1. With less their kernels
 * do not fit, panic, or leave so little to their systems that these never get to a prompt.
 */
final class LeastMemory {
  private static final long MIB = 1 << 20;

  /** The kernel, unpacked in place, and a file system in memory. */
  private static final long LINUX_BYTES = 72 * MIB;

  /** The generic kernel is larger, and so are its drivers. */
  private static final long LINUX_WITH_SHARES_BYTES = 96 * MIB;

  /**
   * With 128 MiB the kernel keeps 36, the system has 42 at its prompt, and little can be missed.
   */
  private static final long DEBIAN_BYTES = 96 * MIB;

  private LeastMemory() {}

  /** Refuses a guest of ours that could not come up; what others need is not known. */
  static void require(RunOptions options, long memoryBytes) throws CommandException {
    long least =
        switch (options.guest()) {
          case "linux" ->
              options.plugs().shares().isEmpty() ? LINUX_BYTES : LINUX_WITH_SHARES_BYTES;
          case "debian" -> DEBIAN_BYTES;
          case null, default -> 0;
        };
    if (memoryBytes < least) {
      throw CommandLineSpec.usage(
          "memory: %s asked, '%s' needs at least %s"
              .formatted(
                  MemorySize.format(memoryBytes), options.guest(), MemorySize.format(least)));
    }
  }
}
