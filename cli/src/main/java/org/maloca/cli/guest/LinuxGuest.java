package org.maloca.cli.guest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Linux guest on disk, ready to boot.
 *
 * @param kernel a bzImage
 * @param unpackedKernel the ELF file in it, which by its PVH entry starts without unpacking itself;
 *     null where it is packed in a way that we do not know, or has no such entry
 * @param busybox the statically linked program, for those who make initrds of their own
 * @param initrd with a shell on the serial console
 * @param modules an initrd to come behind, with the drivers of devices that not every PC has
 * @param moduleTree all drivers, as a folder that a guest can have as its {@code
 *     /lib/modules/VERSION}; there only where it was asked for
 * @param version of the kernel package
 */
public record LinuxGuest(
    Path kernel,
    @Nullable Path unpackedKernel,
    Path busybox,
    Path initrd,
    Path modules,
    Path moduleTree,
    String version) {

  /** What starts soonest. */
  public Path quickestKernel() {
    return unpackedKernel == null ? kernel : unpackedKernel;
  }
}
