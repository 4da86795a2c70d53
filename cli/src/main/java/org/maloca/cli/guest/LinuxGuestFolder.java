package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder with what a Linux guest is made of, one for each version of its packages. Versions of
 * Maloca share it: what one makes otherwise than another has a name of its own, and nobody takes
 * away what others made.
 */
final class LinuxGuestFolder {
  static final String KERNEL = "vmlinuz";

  /** Empty where the kernel's packed part is of no use by itself. */
  static final String UNPACKED_KERNEL = "vmlinux";

  static final String BUSYBOX = "busybox";

  /** The drivers that this Maloca wants. */
  static final String MODULES = "modules-%s.cpio".formatted(KernelModules.wantedId());

  /** All of the kernel's drivers, where a guest was asked for that shows them. */
  static final String MODULE_TREE = "modules";

  private static final String MODULES_OF_ANY = "modules-*.cpio";
  private static final String INITRD_OF_ANY = "initrd-*.cpio";

  private final Path home;

  /** Looks at nothing yet. */
  LinuxGuestFolder(Path home) {
    this.home = home;
  }

  Path file(String name) {
    return home.resolve(name);
  }

  boolean hasPrograms() {
    return Files.isRegularFile(file(KERNEL)) && Files.isRegularFile(file(BUSYBOX));
  }

  boolean hasModules() {
    return Files.isRegularFile(file(MODULES));
  }

  /** Some Maloca has taken drivers, perhaps not all that this one wants. */
  boolean hasSomeModules() throws IOException {
    return newestModules() != null;
  }

  boolean hasModuleTree() {
    return Files.isDirectory(file(MODULE_TREE));
  }

  /** There is what is made of the packages' files. */
  boolean isReady() throws IOException {
    return Files.isRegularFile(file(UNPACKED_KERNEL)) && Files.isRegularFile(file(initrd()));
  }

  /** Changes with the guest's scripts. */
  static String initrd() throws IOException {
    return "initrd-" + BusyboxInitrd.recipe() + ".cpio";
  }

  /** What this Maloca starts from. */
  private @Nullable Path modules() throws IOException {
    return hasModules() ? file(MODULES) : newestModules();
  }

  /** The drivers that some Maloca took last. */
  private @Nullable Path newestModules() throws IOException {
    Path newest = null;
    FileTime time = FileTime.fromMillis(0);
    for (Path each : all(MODULES_OF_ANY)) {
      FileTime made = Files.getLastModifiedTime(each);
      if (newest == null || made.compareTo(time) > 0) {
        newest = each;
        time = made;
      }
    }
    return newest;
  }

  private List<Path> all(String names) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(home)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(home, names)) {
        all.forEach(found::add);
      }
    }
    return found;
  }

  /** What only other versions of Maloca start from. */
  List<Path> ofOthers() throws IOException {
    List<Path> others = all(MODULES_OF_ANY);
    others.remove(modules());
    others.addAll(all(INITRD_OF_ANY));
    others.remove(file(initrd()));
    return others;
  }

  /** Moves in what is not there yet. What is there may be what a machine is being started from. */
  void addMissing(Path files) throws IOException {
    Files.createDirectories(home);
    try (Stream<Path> fresh = Files.list(files)) {
      for (Path file : fresh.toList()) {
        Path target = home.resolve(file.getFileName());
        if (!Files.exists(target)) {
          Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  /** The guest, once all of it is there. */
  LinuxGuest guest() throws IOException {
    Path unpacked = file(UNPACKED_KERNEL);
    boolean isUnpacked = Files.isRegularFile(unpacked) && Files.size(unpacked) > 0;
    Path modules = modules();
    return new LinuxGuest(
        file(KERNEL),
        isUnpacked ? unpacked : null,
        file(BUSYBOX),
        file(initrd()),
        modules == null ? file(MODULES) : modules,
        file(MODULE_TREE),
        String.valueOf(home.getFileName()));
  }
}
