package org.maloca.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.ImageFormat;
import org.maloca.cli.guest.DebianGuest;
import org.maloca.cli.guest.DebianShareKernel;
import org.maloca.cli.guest.DebianSystem;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.MachineFolder;
import org.maloca.cli.guest.Progress;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.ShareConfig;

/**
 * What {@code maloca run debian} boots: kernel and initrd, and the disk with Debian on it. A
 * machine with a name has a disk of its own, which is kept; one without starts from the same Debian
 * each time.
 */
final class DebianBoot {
  private final RunOptions options;
  private final List<ShareConfig> shares;
  private final Progress progress;

  private DebianBoot(RunOptions options, List<ShareConfig> shares, Progress progress) {
    this.options = options;
    this.shares = shares;
    this.progress = progress;
  }

  /** Makes Debian if it is not there yet. */
  static ReadyGuest provide(RunOptions options, Progress progress)
      throws GuestException, CommandException {
    SeedOptions seed = options.seed();
    if (seed.userData() != null || seed.networkConfig() != null || !seed.sshKeys().isEmpty()) {
      throw CommandLineSpec.usage(
          "--user-data, --network-config and --ssh-key are for cloud images; 'debian' lets you in"
              + " with a key of its own");
    }
    String hostName = seed.hostName();
    if (hostName != null && !MachineFolder.isName(hostName)) {
      throw CommandLineSpec.usage("--hostname: '%s' is not a host name".formatted(hostName));
    }
    return new DebianBoot(options, shares(options), progress).provide();
  }

  private static List<ShareConfig> shares(RunOptions options) throws CommandException {
    List<ShareConfig> shares = ReadyGuest.shares(options, DebianSystem.USER_ID);
    if (shares.stream().anyMatch(share -> share.tag().equals(DebianShareKernel.MODULES_TAG))) {
      throw CommandLineSpec.usage(
          "--share: the tag '%s' is for the kernel's drivers; give the folder another by tag="
              .formatted(DebianShareKernel.MODULES_TAG));
    }
    return shares;
  }

  private ReadyGuest provide() throws GuestException {
    DebianGuest guest = DebianGuest.ofUser();
    if (!options.isNamed()) {
      DebianSystem system = guest.provide(options.refresh(), progress);
      return ready(system, GuestDisk.thrownAway(system.baseDisk(), ImageFormat.RAW), null);
    }
    MachineFolder machine = MachineFolder.ofUser(options.name());
    DebianSystem system = systemOf(machine, guest);
    return ready(
        system, GuestDisk.kept(machine.disk(), List.of(system.folder())), machine.knownHosts());
  }

  private DebianSystem systemOf(MachineFolder machine, DebianGuest guest) throws GuestException {
    Optional<Path> origin = machine.origin();
    if (origin.isEmpty()) {
      DebianSystem system = guest.provide(options.refresh(), progress);
      machine.create(
          system.folder(),
          system.baseDisk(),
          ImageFormat.RAW,
          system.baseDisk().toFile().length(),
          progress);
      // Another process may have made it of another system.
      origin = machine.origin();
    }
    Path home = origin.orElseThrow(() -> new GuestException("the machine's disk is gone again"));
    if (Files.isRegularFile(home)) {
      throw new GuestException(
          "the machine %s was made from %s, not from 'debian'".formatted(options.name(), home));
    }
    DebianSystem system = DebianSystem.used(home);
    if (!system.isComplete()) {
      throw new GuestException(
          "the machine %s is over a Debian that is gone: %s"
              .formatted(options.name(), system.baseDisk()));
    }
    return system;
  }

  private ReadyGuest ready(DebianSystem system, RunDevices.OwnDisk disk, @Nullable Path knownHosts)
      throws GuestException {
    SshLogin login = new SshLogin(options.name(), system.sshKey(), DebianSystem.USER, knownHosts);
    if (shares.isEmpty()) {
      BootConfig boot = new BootConfig(system.kernel(), List.of(system.initrd()), commandLine());
      return new ReadyGuest(boot, disk, null, login, List.of());
    }
    DebianShareKernel kernel = DebianShareKernel.ofUser(options.refresh(), progress);
    for (ShareConfig share : shares) {
      progress.step(
          DebianShareKernel.isMounted(share.tag())
              ? "the guest has %s at %s%s"
                  .formatted(share.folder(), DebianShareKernel.MOUNT_POINT, share.tag())
              : "the guest does not mount %s by itself: the tag '%s' is no folder's name"
                  .formatted(share.folder(), share.tag()));
    }
    BootConfig boot = new BootConfig(kernel.kernel(), kernel.initrds(), commandLine());
    ShareConfig modules = new ShareConfig(kernel.modules(), DebianShareKernel.MODULES_TAG, true);
    List<ShareConfig> all = new ArrayList<>(shares);
    all.add(modules);
    return new ReadyGuest(boot, disk, null, login, all);
  }

  private String commandLine() {
    String hostName = options.seed().hostName();
    String usual = DebianSystem.commandLine(hostName != null ? hostName : options.name());
    if (options.verbose()) {
      usual = usual.replaceAll("(^| )quiet( |$)", " ").strip();
    }
    return (usual + " " + options.append()).strip();
  }
}
