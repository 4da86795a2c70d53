package org.maloca.cli.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.boot.KernelImage;

/**
 * Makes a Linux guest from Debian's kernel and BusyBox packages, and keeps it in a folder.
 *
 * <p>The folder has one sub-folder a version and a file {@code <architecture>.current} that names
 * the one in use. Both appear by renaming, so a reader never sees half a guest; makers exclude each
 * other by a lock file. Safe for any thread and any number of processes.
 */
public final class DebianLinuxGuest {
  private static final String KERNEL = "vmlinuz";

  /** Empty where the kernel's packed part is of no use by itself. */
  private static final String UNPACKED_KERNEL = "vmlinux";

  private static final String BUSYBOX = "busybox";
  private static final String MODULES = "modules-%s.cpio".formatted(KernelModules.wantedId());
  private static final String UNFINISHED = ".making";
  private static final String BUSYBOX_PACKAGE = "busybox-static";
  private static final Pattern KERNEL_DEPENDENCY = Pattern.compile("(linux-image-[0-9][^ ,(|]*)");

  /** Where packages come from; asked only when something must be fetched. */
  @FunctionalInterface
  public interface Source {
    AptRepository open() throws GuestException;
  }

  private final Path folder;
  private final GuestArchitecture architecture;
  private final Source source;
  private final boolean hasModuleTree;

  /**
   * Prepares; touches nothing yet.
   *
   * @param folder made when missing
   */
  public DebianLinuxGuest(Path folder, GuestArchitecture architecture, Source source) {
    this(folder, architecture, source, false);
  }

  private DebianLinuxGuest(
      Path folder, GuestArchitecture architecture, Source source, boolean hasModuleTree) {
    this.folder = folder;
    this.architecture = architecture;
    this.source = source;
    this.hasModuleTree = hasModuleTree;
  }

  /** The same, whose guests have {@link LinuxGuest#moduleTree}. */
  DebianLinuxGuest withModuleTree() {
    return new DebianLinuxGuest(folder, architecture, source, true);
  }

  /** The guest of {@code maloca run linux}, in the user's data folder. */
  public static DebianLinuxGuest ofUser() {
    return ofUser(GuestArchitecture.AMD64);
  }

  /** The same with a kernel of another kind. */
  public static DebianLinuxGuest ofUser(GuestArchitecture architecture) {
    return new DebianLinuxGuest(
        DataFolder.locate().resolve("guests"), architecture, AptRepository::host);
  }

  /**
   * Gives the guest, made or from the folder.
   *
   * @param refresh look for newer packages even though there is a guest
   */
  public LinuxGuest provide(boolean refresh, Progress progress) throws GuestException {
    try {
      LinuxGuest present = refresh ? null : findPresent();
      return present != null ? present : make(refresh, progress);
    } catch (IOException failure) {
      throw failed(describe(failure), failure);
    } catch (UncheckedIOException failure) {
      throw failed(String.valueOf(failure.getMessage()), failure);
    }
  }

  private GuestException failed(String reason, Exception cause) {
    return new GuestException(
        "could not make the Linux guest in %s: %s".formatted(folder, reason), cause);
  }

  private static String describe(IOException failure) {
    // Most of those of java.nio.file have the bare path as their message.
    return failure instanceof java.nio.file.FileSystemException detailed
            && detailed.getReason() == null
        ? failure.getClass().getSimpleName().replace("Exception", "") + ": " + failure.getMessage()
        : String.valueOf(failure.getMessage());
  }

  private @Nullable LinuxGuest findPresent() throws IOException {
    Path current = currentFile();
    if (!Files.isRegularFile(current)) {
      return null;
    }
    String version = Files.readString(current).strip();
    Path home = folder.resolve(version);
    LinuxGuest guest = guest(home, version);
    boolean complete =
        version.matches("[A-Za-z0-9._+~-]+")
            && Files.isRegularFile(guest.kernel())
            && Files.isRegularFile(home.resolve(UNPACKED_KERNEL))
            && Files.isRegularFile(guest.initrd())
            && Files.isRegularFile(guest.modules())
            && isTreeWhereWanted(version);
    return complete ? guest : null;
  }

  private LinuxGuest make(boolean refresh, Progress progress) throws IOException, GuestException {
    Files.createDirectories(folder);
    try (FolderLock lock = FolderLock.take(folder, progress)) {
      assert lock.isValid();
      LinuxGuest present = refresh ? null : findPresent();
      return present != null ? present : makeLocked(refresh, progress);
    }
  }

  private LinuxGuest makeLocked(boolean refresh, Progress progress)
      throws IOException, GuestException {
    String unchanged = refresh ? null : packagesPresent();
    if (unchanged != null) {
      // Only our scripts are newer than the cached initrd, or Maloca than the whole.
      writeInitrd(folder.resolve(unchanged), progress);
      unpackKernel(folder.resolve(unchanged), progress);
      return guest(folder.resolve(unchanged), unchanged);
    }
    deleteUnfinished();
    AptRepository packages = source.open();
    AptPackage kernel = findKernel(packages, architecture);
    AptPackage busybox = packages.find(BUSYBOX_PACKAGE);
    String version =
        "%s-%s-busybox-%s".formatted(architecture.cacheName(), fileName(kernel), fileName(busybox));
    Path home = folder.resolve(version);
    if (!Files.isRegularFile(home.resolve(MODULES))) {
      fetch(packages, kernel, busybox, home, progress);
    }
    if (!isTreeWhereWanted(version)) {
      fetchTree(packages, kernel, version, progress);
    }
    writeInitrd(home, progress);
    unpackKernel(home, progress);
    Path next = Files.createTempFile(folder, ".current", null);
    Files.writeString(next, version + "\n");
    Files.move(next, currentFile(), StandardCopyOption.ATOMIC_MOVE);
    progress.step("the guest is ready: Linux " + kernel.version() + ", kept in " + folder);
    return guest(home, version);
  }

  /** What is left of attempts that were killed; we have the lock, so nobody is at work. */
  private void deleteUnfinished() throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, UNFINISHED + "*")) {
      for (Path leftover : leftovers) {
        delete(leftover);
      }
    }
  }

  /** The version in use whose packages are there though its initrd may not be. */
  private @Nullable String packagesPresent() throws IOException {
    if (!Files.isRegularFile(currentFile())) {
      return null;
    }
    String version = Files.readString(currentFile()).strip();
    Path home = folder.resolve(version);
    boolean present =
        Files.isRegularFile(home.resolve(KERNEL))
            && Files.isRegularFile(home.resolve(BUSYBOX))
            && Files.isRegularFile(home.resolve(MODULES))
            && isTreeWhereWanted(version);
    return present ? version : null;
  }

  static AptPackage findKernel(AptRepository packages, GuestArchitecture architecture)
      throws GuestException {
    AptPackage meta = packages.find(architecture.kernelPackage());
    Matcher dependency = KERNEL_DEPENDENCY.matcher(meta.depends());
    if (!dependency.find()) {
      throw new GuestException(
          "the package %s depends on no kernel: '%s'".formatted(meta.name(), meta.depends()));
    }
    return packages.find(dependency.group(1));
  }

  private void fetch(
      AptRepository packages, AptPackage kernel, AptPackage busybox, Path home, Progress progress)
      throws IOException, GuestException {
    Path work = Files.createTempDirectory(folder, UNFINISHED);
    try {
      Path files = Files.createDirectory(work.resolve("files"));
      for (AptPackage wanted : List.of(kernel, busybox)) {
        progress.step("fetching %s %s".formatted(wanted.name(), wanted.version()));
        Path deb = packages.download(wanted, Files.createDirectory(work.resolve(wanted.name())));
        progress.step("unpacking " + deb.getFileName());
        if (wanted == kernel) {
          DebArchive.extract(deb, name -> name.startsWith("boot/vmlinuz-"), files.resolve(KERNEL));
          KernelModules.read(deb).write(files.resolve(MODULES));
          if (!isTreeWhereWanted(home.getFileName().toString())) {
            unpackTree(deb, home.getFileName().toString(), work);
          }
        } else {
          DebArchive.extract(
              deb, name -> name.matches("(usr/)?bin/busybox"), files.resolve(BUSYBOX));
        }
      }
      addMissing(files, home);
    } finally {
      delete(work);
    }
  }

  /**
   * Moves files into a folder that lacks them. What is there stays: another Maloca, which keeps
   * other files of the same packages, may be starting a machine from it.
   */
  static void addMissing(Path files, Path home) throws IOException {
    Files.createDirectories(home);
    try (DirectoryStream<Path> fresh = Files.newDirectoryStream(files)) {
      for (Path file : fresh) {
        Path target = home.resolve(file.getFileName());
        if (!Files.exists(target)) {
          Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  private Path tree(String version) {
    return folder.resolve(version + ".modules");
  }

  private boolean isTreeWhereWanted(String version) {
    return !hasModuleTree || Files.isDirectory(tree(version));
  }

  private void fetchTree(
      AptRepository packages, AptPackage kernel, String version, Progress progress)
      throws IOException, GuestException {
    Path work = Files.createTempDirectory(folder, UNFINISHED);
    try {
      progress.step("fetching the drivers of %s %s".formatted(kernel.name(), kernel.version()));
      unpackTree(
          packages.download(kernel, Files.createDirectory(work.resolve("deb"))), version, work);
    } finally {
      delete(work);
    }
  }

  private void unpackTree(Path deb, String version, Path work) throws IOException {
    Path unpacked = Files.createDirectory(work.resolve("tree"));
    KernelModuleTree.unpack(deb, unpacked);
    Files.move(unpacked, tree(version), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writeInitrd(Path home, Progress progress) throws IOException {
    progress.step("making the guest's root file system");
    Path temporary = Files.createTempFile(home, ".initrd", null);
    BusyboxInitrd.write(home.resolve(BUSYBOX), temporary);
    Files.move(temporary, home.resolve(initrdName()), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void unpackKernel(Path home, Progress progress) throws IOException {
    if (Files.isRegularFile(home.resolve(UNPACKED_KERNEL))) {
      return;
    }
    progress.step("unpacking the kernel");
    Path temporary = Files.createTempFile(home, ".vmlinux", null);
    try {
      Vmlinux.unpack(home.resolve(KERNEL), temporary);
      KernelImage.detect(temporary).close();
    } catch (GuestException | BootException onlyPacked) {
      Files.write(temporary, new byte[0]);
    }
    Files.move(temporary, home.resolve(UNPACKED_KERNEL), StandardCopyOption.ATOMIC_MOVE);
  }

  private LinuxGuest guest(Path home, String version) throws IOException {
    Path unpacked = home.resolve(UNPACKED_KERNEL);
    boolean isUnpacked = Files.isRegularFile(unpacked) && Files.size(unpacked) > 0;
    return new LinuxGuest(
        home.resolve(KERNEL),
        isUnpacked ? unpacked : null,
        home.resolve(BUSYBOX),
        home.resolve(initrdName()),
        home.resolve(MODULES),
        tree(version),
        version);
  }

  private static String initrdName() throws IOException {
    return "initrd-" + BusyboxInitrd.recipe() + ".cpio";
  }

  private Path currentFile() {
    return folder.resolve(architecture.cacheName() + ".current");
  }

  private static String fileName(AptPackage name) {
    return name.version().replaceAll("[^A-Za-z0-9.+~-]", "_");
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
