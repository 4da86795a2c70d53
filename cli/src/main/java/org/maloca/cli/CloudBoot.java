package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.cli.bootdisk.BootDiskException;
import org.maloca.cli.bootdisk.DiskKernel;
import org.maloca.cli.bootdisk.NinepSupport;
import org.maloca.cli.cloud.CatalogueEntry;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.cli.cloud.ImageCatalogue;
import org.maloca.cli.cloud.ImageException;
import org.maloca.cli.cloud.ImageStore;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.KernelOptions;
import org.maloca.cli.guest.MachineFolder;
import org.maloca.cli.guest.Progress;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.ShareConfig;

/**
 * What {@code maloca run IMAGE} boots: a cloud image by its file, or by its name among those that
 * are kept or can be had. The image itself is never written to. The kernel is the one that the
 * image's boot loader is set to, taken out of it, unless the user gives one.
 */
final class CloudBoot {
  /** What a machine's own disk has at least; cloud-init grows the root file system to it. */
  private static final long USUAL_DISK_BYTES = 10L << 30;

  private static final String SERIAL_CONSOLE = "console=ttyS0";

  /** The image, and who is its own user, as far as we know. */
  private record Source(Path file, String user) {}

  private final RunOptions options;
  private final String image;
  private final Progress progress;
  private final Path temporary;

  private CloudBoot(RunOptions options, String image, Progress progress, Path temporary) {
    this.options = options;
    this.image = image;
    this.progress = progress;
    this.temporary = temporary;
  }

  /**
   * Finds the image, fetching it if need be, and makes the machine's disk over it.
   *
   * @param temporary a folder for the kernel, which may go once the machine has been made
   */
  static ReadyGuest provide(RunOptions options, Progress progress, Path temporary)
      throws GuestException, CommandException {
    String image = Objects.requireNonNull(options.guest());
    return new CloudBoot(options, image, progress, temporary).provide();
  }

  private ReadyGuest provide() throws GuestException, CommandException {
    List<ShareConfig> shares = ReadyGuest.shares(options, NinepConfig.AS_ON_HOST);
    MachineFolder machine = options.isNamed() ? MachineFolder.ofUser(options.name()) : null;
    SeedMaker seeds = new SeedMaker(options.seed());
    CloudSeed seed = seeds.make(options.name());
    Source source = source();
    ImageFormat format = formatOf(source.file);
    RunDevices.OwnDisk disk;
    if (machine == null) {
      disk = GuestDisk.thrownAway(source.file, format);
      progress.step(
          options.plugs().isEphemeral()
              ? "what the guest writes is thrown away at the end"
              : "what the guest writes is thrown away at the end; --name NAME keeps it");
    } else {
      provideDisk(machine, source.file, format);
      Path folder = source.file.toAbsolutePath().getParent();
      disk = GuestDisk.kept(machine.disk(), List.of(folder == null ? Path.of("/") : folder));
    }
    SshLogin login =
        new SshLogin(
            options.name(),
            seeds.privateKey(),
            options.seed().userData() == null ? CloudSeed.USER : source.user,
            machine == null ? null : machine.knownHosts());
    return new ReadyGuest(boot(disk), disk, seed, login, shares);
  }

  /** An image that lies in a file, that is kept, or that its vendor has. */
  private Source source() throws CommandException {
    Path file = Path.of(image);
    if (Files.isRegularFile(file) || image.contains("/")) {
      if (!Files.isRegularFile(file)) {
        throw new CommandException(ExitCode.BAD_IMAGE, image + ": no such file");
      }
      return new Source(file.toAbsolutePath(), SshLogin.UNKNOWN_USER);
    }
    Optional<CatalogueEntry> entry = ImageCatalogue.builtIn().find(image);
    String user = entry.map(CatalogueEntry::user).orElse(SshLogin.UNKNOWN_USER);
    try {
      ImageStore store = ImageCommand.store();
      Optional<ImageStore.Image> kept = store.find(image);
      if (kept.isPresent()) {
        return new Source(kept.get().file(), user);
      }
      if (entry.isPresent()) {
        progress.step("fetching " + entry.get().description());
        return new Source(ImageCommand.pull(store, entry.get()).file(), user);
      }
      List<String> known = new ArrayList<>(List.of("linux", "debian"));
      store.list().forEach(each -> known.add(each.name()));
      ImageCatalogue.builtIn().entries().stream()
          .map(CatalogueEntry::name)
          .filter(name -> !known.contains(name))
          .forEach(known::add);
      throw CommandLineSpec.usage(
          "there is no guest, image or file '%s'%s (there are: %s)"
              .formatted(image, Nearest.suggestion(image, known), String.join(", ", known)));
    } catch (ImageException | IOException problem) {
      throw ImageCommand.problem(problem);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.LEFT, "stopped");
    }
  }

  private static ImageFormat formatOf(Path file) throws CommandException {
    try {
      return DiskImages.detect(file);
    } catch (IOException unreadable) {
      throw new CommandException(ExitCode.BAD_IMAGE, String.valueOf(unreadable.getMessage()));
    }
  }

  private void provideDisk(MachineFolder machine, Path base, ImageFormat format)
      throws GuestException, CommandException {
    Optional<Path> origin = machine.origin();
    if (origin.isEmpty()) {
      try (OpenedDisk opened = DiskImages.open(base, OpenOptions.readOnly().withFormat(format))) {
        long size = Math.max(opened.image().sizeBytes(), USUAL_DISK_BYTES);
        machine.create(base, base, format, size, progress);
      } catch (IOException unusable) {
        throw new CommandException(ExitCode.BAD_IMAGE, String.valueOf(unusable.getMessage()));
      }
      origin = machine.origin();
    }
    if (!origin.equals(Optional.of(base))) {
      throw CommandLineSpec.usage(
          "the machine %s was made from %s; choose another --name"
              .formatted(options.name(), origin.map(Path::toString).orElse("something else")));
    }
  }

  private BootConfig boot(RunDevices.OwnDisk disk) throws CommandException {
    Path given = options.kernel();
    BootConfig found =
        given != null ? new BootConfig(given, options.initrds(), "root=/dev/vda") : extract(disk);
    boolean isKept = given == null || !(" " + options.append()).contains(" root=");
    String own = isKept ? found.commandLine() : "";
    return new BootConfig(found.kernel(), found.initrds(), commandLine(own, options.append()));
  }

  /**
   * An image's command line and what the user adds, with the serial console as the one that {@code
   * /dev/console} is, where cloud-init says how it went, unless the user names another.
   */
  static String commandLine(String own, String added) {
    StringBuilder commandLine = new StringBuilder(own);
    String last = own.replaceFirst("(?s).*(?:^|\\s)(console=\\S+).*", "$1");
    if (!last.startsWith(SERIAL_CONSOLE) && !added.contains(SERIAL_CONSOLE)) {
      commandLine.append(' ').append(SERIAL_CONSOLE);
    }
    commandLine.append(' ').append(KernelOptions.NO_TIMER_CHECK).append(' ').append(added);
    return commandLine.toString().strip();
  }

  private BootConfig extract(RunDevices.OwnDisk disk) throws CommandException {
    Path file = disk.config().file();
    try (OpenedDisk opened = DiskImages.open(file, disk.toRead())) {
      DiskKernel.Found found = DiskKernel.extract(opened.image(), temporary);
      if (!options.plugs().shares().isEmpty()) {
        sharesWarning(found.shares(), found.name()).ifPresent(progress::step);
      }
      return found.boot();
    } catch (BootDiskException unbootable) {
      throw new CommandException(
          ExitCode.BAD_IMAGE,
          "%s: %s. There is no firmware yet that could boot it: give its kernel by --kernel and"
                  .formatted(image, unbootable.getMessage())
              + " --initrd, and root= by --append");
    } catch (IOException unreadable) {
      throw new CommandException(ExitCode.BAD_IMAGE, String.valueOf(unreadable.getMessage()));
    }
  }

  /** What to do about a kernel that does not mount shared folders. */
  static Optional<String> sharesWarning(NinepSupport shares, String kernel) {
    String version = kernel.replaceFirst("^vmlinuz-", "").replaceAll("[^\\x21-\\x7e]", "?");
    return switch (shares) {
      case UNKNOWN, PRESENT -> Optional.empty();
      case MISSING ->
          Optional.of(
              "--share: the guest will not be able to mount it: its kernel %s was built without 9P."
                      .formatted(version)
                  + " Install another in a machine with a --name (Debian: linux-image-amd64 in"
                  + " place of linux-image-cloud-amd64), or give one by --kernel and --initrd");
      case NOT_INSTALLED ->
          Optional.of(
              "--share: the guest will not be able to mount it: the drivers for 9P of its kernel %s"
                      .formatted(version)
                  + " are not installed. Install them in a machine with a --name (Ubuntu:"
                  + " linux-modules-extra-%s, Fedora: kernel-modules)".formatted(version));
    };
  }
}
