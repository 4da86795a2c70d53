package org.maloca.bench;

import java.nio.file.Path;

/**
 * A Linux guest to start.
 *
 * @param kernel a bzImage, or an ELF with a PVH note
 * @param initrd with all that the guest needs
 */
record GuestBoot(Path kernel, Path initrd, String commandLine, int cpus, int memoryMebibytes) {
  /** Of a kernel that says nothing but what its programs say. */
  static final String COMMAND_LINE = "console=ttyS0 quiet panic=-1";
}
