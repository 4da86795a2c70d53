package org.maloca.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.ImageFormat;
import org.maloca.cli.guest.DebianGuest;
import org.maloca.cli.guest.DebianSystem;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.MachineFolder;
import org.maloca.cli.guest.Progress;
import org.maloca.machine.config.BootConfig;

/**
 * What {@code maloca run debian} boots: kernel and initrd, and the disk with Debian on it. A
 * machine with a name has a disk of its own, which is kept; one without starts from the same Debian
 * each time.
 */
final class DebianBoot {
  private final RunOptions options;
  private final Progress progress;

  private DebianBoot(RunOptions options, Progress progress) {
    this.options = options;
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
    return new DebianBoot(options, progress).provide();
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
    DebianSystem system = DebianSystem.in(home);
    if (!system.isComplete()) {
      throw new GuestException(
          "the machine %s is over a Debian that is gone: %s"
              .formatted(options.name(), system.baseDisk()));
    }
    return system;
  }

  private ReadyGuest ready(
      DebianSystem system, RunDevices.OwnDisk disk, @Nullable Path knownHosts) {
    String hostName = options.seed().hostName();
    String commandLine = DebianSystem.commandLine(hostName != null ? hostName : options.name());
    if (options.verbose()) {
      commandLine = commandLine.replaceAll("(^| )quiet( |$)", " ").strip();
    }
    BootConfig boot =
        new BootConfig(
            system.kernel(),
            List.of(system.initrd()),
            (commandLine + " " + options.append()).strip());
    SshLogin login = new SshLogin(options.name(), system.sshKey(), DebianSystem.USER, knownHosts);
    return new ReadyGuest(boot, disk, null, login);
  }
}
