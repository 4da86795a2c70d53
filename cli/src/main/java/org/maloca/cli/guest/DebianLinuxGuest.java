package org.maloca.cli.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  /** Where all ready-made guests are, in the user's data folder. */
  public static final String FOLDER = "guests";

  /** What is being made, or deleted; of no use to anybody else. */
  static final String UNFINISHED = ".making";

  /** Names the version in use, behind the architecture. */
  static final String CURRENT = ".current";

  private static final String BUSYBOX_PACKAGE = "busybox-static";
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+~-]+");
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
        DataFolder.locate().resolve(FOLDER), architecture, AptRepository::host);
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
    LinuxGuestFolder current = current();
    return current != null && hasPackages(current) && current.isReady() ? current.guest() : null;
  }

  /** The one in use, which nobody deletes from now on. */
  private @Nullable LinuxGuestFolder current() throws IOException {
    Path current = currentFile();
    String version = Files.isRegularFile(current) ? Files.readString(current).strip() : "";
    return VERSION.matcher(version).matches() ? use(version) : null;
  }

  private LinuxGuestFolder use(String version) throws IOException {
    Path home = folder.resolve(version);
    GuestUse.begin(home);
    return new LinuxGuestFolder(home);
  }

  private boolean hasPackages(LinuxGuestFolder home) {
    return home.hasPrograms() && home.hasModules() && hasTreeIfWanted(home);
  }

  private boolean hasTreeIfWanted(LinuxGuestFolder home) {
    return !hasModuleTree || home.hasModuleTree();
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
    deleteUnfinished();
    LinuxGuestFolder current = refresh ? null : current();
    if (current != null && hasPackages(current)) {
      // Only our scripts are newer than the cached initrd, or Maloca than the whole.
      return prepare(current, progress);
    }
    try {
      return fetch(progress);
    } catch (GuestException notToBeHad) {
      if (current == null
          || !current.hasPrograms()
          || !current.hasSomeModules()
          || !hasTreeIfWanted(current)) {
        throw notToBeHad;
      }
      progress.step(
          "this Maloca wants more drivers than an earlier one, which cannot be fetched: "
              + notToBeHad.getMessage());
      progress.step("going on with those that are there; some devices may be without one");
      return prepare(current, progress);
    }
  }

  private LinuxGuest fetch(Progress progress) throws IOException, GuestException {
    AptRepository packages = source.open();
    AptPackage kernel = findKernel(packages, architecture);
    AptPackage busybox = packages.find(BUSYBOX_PACKAGE);
    String version =
        "%s-%s-busybox-%s".formatted(architecture.cacheName(), fileName(kernel), fileName(busybox));
    LinuxGuestFolder home = use(version);
    fetchMissing(packages, kernel, busybox, home, progress);
    LinuxGuest guest = prepare(home, progress);
    Path next = Files.createTempFile(folder, UNFINISHED, null);
    Files.writeString(next, version + "\n");
    Files.move(next, currentFile(), StandardCopyOption.ATOMIC_MOVE);
    progress.step("the guest is ready: Linux " + kernel.version() + ", kept in " + folder);
    return guest;
  }

  /** What is left of attempts that were killed; we have the lock, so nobody is at work. */
  private void deleteUnfinished() throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, UNFINISHED + "*")) {
      for (Path leftover : leftovers) {
        DebianRootTree.delete(leftover);
      }
    }
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

  private void fetchMissing(
      AptRepository packages,
      AptPackage kernel,
      AptPackage busybox,
      LinuxGuestFolder home,
      Progress progress)
      throws IOException, GuestException {
    Path work = Files.createTempDirectory(folder, UNFINISHED);
    try {
      Path files = Files.createDirectory(work.resolve("files"));
      if (!hasPackages(home)) {
        Path deb = fetch(packages, kernel, work, progress);
        DebArchive.extract(
            deb, name -> name.startsWith("boot/vmlinuz-"), files.resolve(LinuxGuestFolder.KERNEL));
        KernelModules.read(deb).write(files.resolve(LinuxGuestFolder.MODULES));
        if (!hasTreeIfWanted(home)) {
          KernelModuleTree.unpack(
              deb, Files.createDirectory(files.resolve(LinuxGuestFolder.MODULE_TREE)));
        }
      }
      if (!home.hasPrograms()) {
        DebArchive.extract(
            fetch(packages, busybox, work, progress),
            name -> name.matches("(usr/)?bin/busybox"),
            files.resolve(LinuxGuestFolder.BUSYBOX));
      }
      home.addMissing(files);
    } finally {
      DebianRootTree.delete(work);
    }
  }

  private static Path fetch(AptRepository packages, AptPackage wanted, Path work, Progress progress)
      throws IOException, GuestException {
    progress.step("fetching %s %s".formatted(wanted.name(), wanted.version()));
    Path deb = packages.download(wanted, Files.createDirectory(work.resolve(wanted.name())));
    progress.step("unpacking " + deb.getFileName());
    return deb;
  }

  /** Makes what is made of the packages' files. */
  private LinuxGuest prepare(LinuxGuestFolder home, Progress progress) throws IOException {
    Path initrd = home.file(LinuxGuestFolder.initrd());
    if (!Files.isRegularFile(initrd)) {
      progress.step("making the guest's root file system");
      Path next = Files.createTempFile(folder, UNFINISHED, null);
      BusyboxInitrd.write(home.file(LinuxGuestFolder.BUSYBOX), next);
      Files.move(next, initrd, StandardCopyOption.ATOMIC_MOVE);
    }
    Path unpacked = home.file(LinuxGuestFolder.UNPACKED_KERNEL);
    if (!Files.isRegularFile(unpacked)) {
      progress.step("unpacking the kernel");
      Path next = Files.createTempFile(folder, UNFINISHED, null);
      try {
        Vmlinux.unpack(home.file(LinuxGuestFolder.KERNEL), next);
        KernelImage.detect(next).close();
      } catch (GuestException | BootException onlyPacked) {
        Files.write(next, new byte[0]);
      }
      Files.move(next, unpacked, StandardCopyOption.ATOMIC_MOVE);
    }
    return home.guest();
  }

  private Path currentFile() {
    return folder.resolve(architecture.cacheName() + CURRENT);
  }

  private static String fileName(AptPackage name) {
    return name.version().replaceAll("[^A-Za-z0-9.+~-]", "_");
  }
}
