package org.maloca.cli.bootdisk;

import java.util.List;

/**
 * What a boot loader is set to start: paths on the volume that has its configuration.
 *
 * @param kernel path of the kernel
 * @param initrds paths of the initrds, in order
 * @param options the kernel's command line
 */
record BootEntry(String kernel, List<String> initrds, String options) {
  BootEntry {
    initrds = List.copyOf(initrds);
  }
}
