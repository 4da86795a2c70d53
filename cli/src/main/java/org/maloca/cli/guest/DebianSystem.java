package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Debian system on disk, ready to boot. Its files never change once they are there: machines
 * write to disks over {@link #baseDisk}, and boot the kernel whose modules that disk has.
 *
 * @param kernel a bzImage
 * @param initrd mounts the first virtio disk, or what {@code root=} says, and starts the system
 * @param baseDisk a raw image with an ext4 file system all over it, mostly holes
 * @param sshKey the private key that the user {@link #USER} is let in with
 */
public record DebianSystem(Path kernel, Path initrd, Path baseDisk, Path sshKey) {
  /** Who is logged in on the console and may become root. */
  public static final String USER = "maloca";

  /** That user's number, and its group's: useradd's first. */
  public static final int USER_ID = 1000;

  /** The system in a folder, whether or not it is complete. */
  public static DebianSystem in(Path home) {
    return new DebianSystem(
        home.resolve("vmlinuz"),
        home.resolve("initrd.cpio"),
        home.resolve("root.raw"),
        home.resolve("id_ed25519"));
  }

  /**
   * The system in a folder that some machine was made from, whether or not it is complete. If it is
   * there it stays as long as this process.
   */
  public static DebianSystem used(Path home) throws GuestException {
    try {
      GuestUse.begin(home);
      return in(home);
    } catch (IOException failure) {
      throw new GuestException("%s: %s".formatted(home, failure.getMessage()), failure);
    }
  }

  /** Where its files are. */
  public Path folder() {
    Path folder = baseDisk.toAbsolutePath().getParent();
    return folder == null ? Path.of("/") : folder;
  }

  /** Whether all of its files are there. */
  public boolean isComplete() {
    return Files.isRegularFile(kernel)
        && Files.isRegularFile(initrd)
        && Files.isRegularFile(baseDisk)
        && Files.isRegularFile(sshKey);
  }

  /**
   * The kernel's command line.
   *
   * @param hostName of the machine, by the rules of {@link MachineFolder}
   */
  public static String commandLine(String hostName) {
    return "console=ttyS0 root=/dev/vda rw quiet "
        + KernelOptions.NO_TIMER_CHECK
        + " systemd.show_status=auto systemd.hostname="
        + hostName;
  }
}
