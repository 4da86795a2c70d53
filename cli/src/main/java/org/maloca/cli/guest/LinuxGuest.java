package org.maloca.cli.guest;

import java.nio.file.Path;

/**
 * A Linux guest on disk, ready to boot.
 *
 * @param kernel a bzImage
 * @param busybox the statically linked program, for those who make initrds of their own
 * @param initrd with a shell on the serial console
 * @param modules an initrd to come behind, with the drivers of devices that not every PC has
 * @param version of the kernel package
 */
public record LinuxGuest(Path kernel, Path busybox, Path initrd, Path modules, String version) {}
