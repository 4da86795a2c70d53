package org.maloca.machine.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What to boot.
 *
 * @param kernel a bzImage, an ELF with a PVH note or a multiboot image
 * @param initrds given to the kernel in this order
 * @param commandLine for the kernel
 */
public record BootConfig(Path kernel, List<Path> initrds, String commandLine) {
  public BootConfig {
    initrds = List.copyOf(initrds);
    if (commandLine.indexOf('\0') >= 0) {
      throw new ConfigException("the kernel command line contains a zero byte");
    }
  }
}
