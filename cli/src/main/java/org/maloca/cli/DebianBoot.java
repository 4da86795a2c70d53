package org.maloca.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.maloca.cli.guest.DebianGuest;
import org.maloca.cli.guest.DebianSystem;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.MachineFolder;
import org.maloca.cli.guest.Progress;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DiskConfig;

/**
 * What {@code maloca run debian} boots: kernel and initrd, and the disk with Debian on it. A
 * machine with a name has a disk of its own, which is kept; one without starts from the same Debian
 * each time.
 *
 * @param disk and where it may lead to
 * @param login how to get in by ssh
 */
record DebianBoot(BootConfig boot, RunDevices.OwnDisk disk, RunDevices.SshLogin login) {
  private static final String SSH_FORWARD = "0:22";

  /** Makes Debian if it is not there yet. */
  static DebianBoot provide(RunOptions options, Progress progress) throws GuestException {
    DebianGuest guest = DebianGuest.ofUser();
    boolean isNamed = !options.name().equals(options.guest());
    if (!isNamed) {
      DebianSystem system = guest.provide(options.refresh(), progress);
      return of(options, system, disk(system.baseDisk(), "raw", true));
    }
    if (!MachineFolder.isName(options.name())) {
      throw new GuestException(
          "--name: '%s' cannot be the name of a host: letters, digits and '-'"
              .formatted(options.name()));
    }
    MachineFolder machine = MachineFolder.provide(options.name(), guest, progress);
    return of(options, machine.system(), disk(machine.disk(), "qcow2", false));
  }

  private static DebianBoot of(RunOptions options, DebianSystem system, DiskConfig disk) {
    String commandLine = DebianSystem.commandLine(options.name());
    if (options.verbose()) {
      commandLine = commandLine.replaceAll("(^| )quiet( |$)", " ").strip();
    }
    BootConfig boot =
        new BootConfig(
            system.kernel(),
            List.of(system.initrd()),
            (commandLine + " " + options.append()).strip());
    Path base = system.baseDisk().toAbsolutePath().getParent();
    return new DebianBoot(
        boot,
        new RunDevices.OwnDisk(disk, base == null ? Path.of("/") : base),
        new RunDevices.SshLogin(system.sshKey(), DebianSystem.USER));
  }

  private static DiskConfig disk(Path file, String format, boolean isEphemeral) {
    return new DiskConfig(
        file,
        format,
        false,
        isEphemeral,
        "writeback",
        "debian",
        Map.of(),
        1,
        false,
        DiskErrorAction.ENOSPC,
        DiskErrorAction.REPORT,
        DiskConfig.Bus.VIRTIO,
        false);
  }

  /** The devices asked for, with a network that lets one in unless another was asked for. */
  static DeviceOptions withNetwork(DeviceOptions asked) {
    List<String> networks = asked.networks().isEmpty() ? List.of("nat") : asked.networks();
    List<String> forwards = new ArrayList<>(asked.forwards());
    boolean letsIn = networks.getFirst().matches("(nat|host-only)(,.*)?");
    if (letsIn && forwards.stream().noneMatch(forward -> forward.matches(".*:22(/tcp)?"))) {
      forwards.add(SSH_FORWARD);
    }
    return new DeviceOptions(
        asked.disks(),
        asked.cdroms(),
        asked.isEphemeral(),
        asked.allowedPaths(),
        asked.shares(),
        asked.vsock(),
        asked.balloon(),
        asked.hasEntropy(),
        networks,
        forwards);
  }
}
