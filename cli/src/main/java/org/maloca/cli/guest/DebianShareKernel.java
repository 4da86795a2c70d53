package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a Debian guest with shared folders boots in place of its own kernel, which has no 9P:
 * Debian's generic one. Its drivers are shared with the guest, too, as its disk has those of
 * another kernel; the initrd mounts all that is shared.
 *
 * @param kernel to boot
 * @param initrds in this order
 * @param modules a folder to be shared, read-only, by the tag {@link #MODULES_TAG}
 */
public record DebianShareKernel(Path kernel, List<Path> initrds, Path modules) {
  /** By which the initrd finds the kernel's drivers. */
  public static final String MODULES_TAG = "maloca.modules";

  /** Where the guest has folders that are shared, by their tags. */
  public static final String MOUNT_POINT = "/mnt/";

  /** Whether the guest can have a folder of that name: others are left to its user to mount. */
  public static boolean isMounted(String tag) {
    return !tag.contains("/") && !tag.equals(".") && !tag.equals("..");
  }

  /**
   * Gives the kernel, fetched or from the user's data folder.
   *
   * @param refresh look for a newer one
   */
  public static DebianShareKernel ofUser(boolean refresh, Progress progress) throws GuestException {
    Path guests = DataFolder.locate().resolve(DebianLinuxGuest.FOLDER);
    LinuxGuest generic =
        new DebianLinuxGuest(
                guests,
                GuestArchitecture.AMD64_GENERIC,
                () -> DebianSources.ofHost().packages(guests, progress))
            .withModuleTree()
            .provide(refresh, progress);
    try {
      return new DebianShareKernel(
          generic.quickestKernel(),
          List.of(initrd(generic), generic.modules()),
          generic.moduleTree());
    } catch (IOException failure) {
      throw new GuestException("could not make an initrd: " + failure, failure);
    }
  }

  private static Path initrd(LinuxGuest generic) throws IOException {
    String init = BusyboxInitrd.resource("debian/init");
    Path home = Objects.requireNonNull(generic.kernel().toAbsolutePath().getParent());
    Path initrd = home.resolve("debian-%08x.cpio".formatted(init.hashCode()));
    if (!Files.isRegularFile(initrd)) {
      Path next = Files.createTempFile(home, ".initrd", null);
      BusyboxInitrd.write(generic.busybox(), init, Map.of(), next);
      Files.move(next, initrd, StandardCopyOption.ATOMIC_MOVE);
    }
    return initrd;
  }
}
