package org.maloca.cli.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Debian 12 system from Debian's packages, in a user's account, and keeps it in a folder.
 *
 * <p>The folder has one sub-folder for each system that was made, which tells when and how in its
 * name. It appears by renaming, so a reader never sees half a system; older ones stay for the
 * machines whose disks are over them, and for versions of Maloca that make them in another way.
 * Safe for any thread and any number of processes.
 */
public final class DebianGuest {
  /** What a user finds, besides what every Debian must have. */
  private static final List<String> PACKAGES =
      List.of(
          "?essential",
          "usr-is-merged",
          "apt",
          "ca-certificates",
          "curl",
          "dbus",
          "dhcpcd-base",
          "e2fsprogs",
          "iproute2",
          "iputils-ping",
          "kmod",
          "less",
          // Knows the machine's own name, whatever it is.
          "libnss-myhostname",
          "openssh-server",
          "procps",
          "sudo",
          "systemd-sysv",
          "systemd-timesyncd",
          "udev");

  private static final List<String> BOOT_MODULES =
      List.of(
          "virtio_pci",
          "virtio_mmio",
          "virtio_blk",
          "virtio_scsi",
          "sd_mod",
          "ext4",
          "crc32c_generic");

  private static final String FAKEROOT = "usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so";
  private static final String DISK_SIZE = "8G";

  /** What making it takes at most; two thirds of it are free again at the end. */
  private static final long ROOM_BYTES = 1L << 30;

  private static final String UNFINISHED = ".debian";

  private static final String[] RECIPES = {
    "debian/enter", "debian/configure", "debian/init", "clock", "winsize"
  };

  private final Path folder;

  /**
   * Prepares; touches nothing yet.
   *
   * @param folder made when missing
   */
  public DebianGuest(Path folder) {
    this.folder = folder;
  }

  /** The guest of {@code maloca run debian}, in the user's data folder. */
  public static DebianGuest ofUser() {
    return new DebianGuest(DataFolder.locate().resolve(DebianLinuxGuest.FOLDER));
  }

  /**
   * Gives the system, made or from the folder.
   *
   * @param refresh make it of the newest packages even though there is one
   * @throws GuestException says what the host lacks, or what went wrong
   */
  public DebianSystem provide(boolean refresh, Progress progress) throws GuestException {
    try {
      DebianSystem present = refresh ? null : findPresent();
      if (present != null) {
        return present;
      }
      Files.createDirectories(folder);
      try (FolderLock lock = FolderLock.take(folder, progress)) {
        assert lock.isValid();
        present = refresh ? null : findPresent();
        return present != null ? present : makeOrGoBack(refresh, progress);
      }
    } catch (IOException | UncheckedIOException failure) {
      String words = failure.getMessage();
      throw new GuestException(
          "could not make the Debian guest in %s: %s"
              .formatted(folder, words == null ? failure : words),
          failure);
    }
  }

  private @Nullable DebianSystem findPresent() throws IOException {
    String ours = recipe();
    return newest(made -> made.recipe().equals(ours));
  }

  /** The newest of those that are wanted, which nobody deletes from now on. */
  private @Nullable DebianSystem newest(Predicate<MadeDebian> isWanted) throws IOException {
    for (MadeDebian made : MadeDebian.all(folder)) {
      if (isWanted.test(made)) {
        GuestUse.begin(made.home());
        if (made.system().isComplete()) {
          return made.system();
        }
      }
    }
    return null;
  }

  /** Changes whenever a system would be made in another way. */
  static String recipe() throws IOException {
    CRC32 crc = new CRC32();
    for (String name : RECIPES) {
      crc.update(BusyboxInitrd.resource(name).getBytes(StandardCharsets.UTF_8));
    }
    crc.update((PACKAGES + DISK_SIZE).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** Without a network, say, one that another version of Maloca made is better than none. */
  private DebianSystem makeOrGoBack(boolean refresh, Progress progress)
      throws IOException, GuestException {
    try {
      return make(progress);
    } catch (GuestException notToBeMade) {
      DebianSystem other = refresh ? null : newest(made -> true);
      if (other == null) {
        throw notToBeMade;
      }
      progress.step(
          "this Maloca makes Debian in a new way, and could not: " + notToBeMade.getMessage());
      progress.step("going on with the one in " + other.folder());
      return other;
    }
  }

  private DebianSystem make(Progress progress) throws IOException, GuestException {
    NamespaceRoot.check();
    DebianSources sources = DebianSources.ofHost();
    deleteUnfinished();
    requireRoom();
    AptRepository packages = sources.packages(folder, progress);
    Path work = Files.createTempDirectory(folder, UNFINISHED);
    try {
      Path files = Files.createDirectory(work.resolve("files"));
      DebianSystem system = DebianSystem.in(files);
      Path build = Files.createDirectories(work.resolve("build"));
      Path root = Files.createDirectory(work.resolve("root"));
      DebianRootTree tree = DebianRootTree.create(root);
      addKernel(packages, work, tree, system, progress);
      addPackages(packages, build, tree, progress);
      OpenSshKey key = OpenSshKey.generate(DebianSystem.USER + "@maloca");
      UserKey.write(files, key);
      Files.writeString(build.resolve("authorized_keys"), key.publicLine());
      Files.writeString(build.resolve("sources.list"), sources.forGuest());
      Files.writeString(build.resolve("apt.conf"), GuestAptSettings.of(AptProxy.ofHost()));
      Files.writeString(build.resolve("size"), DISK_SIZE);
      Files.writeString(build.resolve("configure"), BusyboxInitrd.resource("debian/configure"));
      for (String script : List.of("clock", "winsize")) {
        Files.writeString(build.resolve(script), BusyboxInitrd.resource(script));
      }
      Path enter = Files.writeString(work.resolve("enter"), BusyboxInitrd.resource("debian/enter"));
      progress.step("setting Debian up, which takes a minute or two");
      NamespaceRoot.configure(enter, root, build);
      Files.move(build.resolve("root.raw"), system.baseDisk());
      return publish(files, progress);
    } finally {
      DebianRootTree.delete(work);
    }
  }

  /** Programs that find no room in the middle of their work complain about something else. */
  private void requireRoom() throws IOException, GuestException {
    long freeBytes = Files.getFileStore(folder).getUsableSpace();
    if (freeBytes < ROOM_BYTES) {
      throw new GuestException(
          "making Debian takes %d MiB of room in %s, where %d MiB are free"
              .formatted(ROOM_BYTES >> 20, folder, freeBytes >> 20));
    }
  }

  /** What is left of attempts that were killed; we have the lock, so nobody is at work. */
  private void deleteUnfinished() throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, UNFINISHED + "*")) {
      for (Path leftover : leftovers) {
        DebianRootTree.delete(leftover);
      }
    }
  }

  private DebianSystem publish(Path files, Progress progress) throws IOException {
    Path home = MadeDebian.newHome(folder, recipe());
    GuestUse.begin(home);
    Files.move(files, home, StandardCopyOption.ATOMIC_MOVE);
    progress.step("Debian is ready, kept in " + home);
    return DebianSystem.in(home);
  }

  /** The kernel beside the disk, its modules on it, and the initrd that finds the disk. */
  private void addKernel(
      AptRepository packages,
      Path work,
      DebianRootTree tree,
      DebianSystem system,
      Progress progress)
      throws IOException, GuestException {
    AptPackage kernel = DebianLinuxGuest.findKernel(packages, GuestArchitecture.AMD64);
    progress.step("fetching %s %s".formatted(kernel.name(), kernel.version()));
    Path deb = packages.download(kernel, Files.createDirectory(work.resolve("kernel")));
    DebArchive.extract(deb, name -> name.startsWith("boot/vmlinuz-"), system.kernel());
    tree.unpack(deb, name -> name.matches("(usr/)?lib/modules/.*"));

    Path shell =
        packages.download(
            packages.find("busybox-static"), Files.createDirectory(work.resolve("busybox")));
    Path busybox = work.resolve("busybox/busybox");
    DebArchive.extract(shell, name -> name.matches("(usr/)?bin/busybox"), busybox);
    BusyboxInitrd.write(busybox, BusyboxInitrd.resource("debian/init"), Map.of(), system.initrd());
    Path modules = work.resolve("modules.cpio");
    KernelModules.read(deb, BOOT_MODULES).write(modules);
    // The kernel takes several archives one behind the other.
    try (OutputStream initrd = Files.newOutputStream(system.initrd(), StandardOpenOption.APPEND)) {
      Files.copy(modules, initrd);
    }
  }

  private static void addPackages(
      AptRepository packages, Path build, DebianRootTree tree, Progress progress)
      throws IOException, GuestException {
    List<AptPackage> all = packages.withDependencies(PACKAGES);
    List<AptPackage> essential = packages.withDependencies(PACKAGES.subList(0, 2));
    progress.step("fetching %d packages".formatted(all.size()));
    Path debs = Files.createDirectory(build.resolve("debs"));
    List<Path> fetched = packages.download(all, debs);
    progress.step("unpacking the packages");
    for (int i = 0; i < all.size(); i++) {
      Path deb = fetched.get(i);
      if (essential.contains(all.get(i))) {
        tree.unpack(deb, name -> !name.startsWith("usr/share/"));
      }
      // In the order that apt found, which puts what others need first.
      Files.move(deb, debs.resolve("%03d-%s.deb".formatted(i, all.get(i).name())));
    }
    Path folder = Files.createDirectory(build.resolve("fakeroot"));
    Path tools = Files.createDirectory(build.resolve("tools"));
    List<AptPackage> fakeroot = List.of(packages.find("fakeroot"), packages.find("libfakeroot"));
    DebianRootTree toolTree = DebianRootTree.create(tools);
    for (Path deb : packages.download(fakeroot, folder)) {
      toolTree.unpack(deb, name -> !name.startsWith("usr/share/"));
    }
    Files.move(tools.resolve(FAKEROOT), tools.resolve("libfakeroot.so"));
  }
}
