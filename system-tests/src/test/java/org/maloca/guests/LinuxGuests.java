package org.maloca.guests;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.maloca.cli.guest.AptRepository;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.DataFolder;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.cli.guest.Progress;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.MachineConfig;

/** Debian's kernels with BusyBox, as machines to be tested. */
final class LinuxGuests {
  private static final long MEMORY_BYTES = 512L << 20;

  private LinuxGuests() {}

  /** The packages; without them, which a host without a network may lack, the test is skipped. */
  static LinuxGuest provide(GuestArchitecture architecture) {
    Path folder = DataFolder.locate().resolve(DebianLinuxGuest.FOLDER);
    DebianLinuxGuest.Source source =
        architecture != GuestArchitecture.I386
            ? AptRepository::host
            : () ->
                AptRepository.ofArchitecture(
                    folder.resolve("apt-" + architecture.debianName()),
                    architecture.debianName(),
                    Progress.SILENT);
    try {
      return new DebianLinuxGuest(folder, architecture, source).provide(false, Progress.SILENT);
    } catch (GuestException missing) {
      return Assumptions.abort("no Linux guest: " + missing.getMessage());
    }
  }

  /** A machine whose console takes commands of {@link GuestConsole#run}. */
  static MachineConfig withShell(LinuxGuest guest, int cpus, List<Path> programs, Path folder)
      throws IOException {
    Path base = folder.resolve("base.cpio");
    BusyboxInitrd.write(guest.busybox(), AnswersProgram.resource("shell-init"), Map.of(), base);
    Path extra = folder.resolve("programs.cpio");
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(extra)))) {
      for (Path program : programs) {
        archive.file("bin/" + program.getFileName(), 0755, Files.readAllBytes(program));
      }
    }
    return machine(new BootConfig(guest.kernel(), List.of(base, extra), commandLine()), cpus);
  }

  /** As {@link #withShell}, with the drivers of virtio devices and a command line to add. */
  static MachineConfig withDevices(LinuxGuest guest, int cpus, String append, Path folder)
      throws IOException {
    return withDevices(guest, cpus, append, List.of(), folder);
  }

  /** As before, with programs. */
  static MachineConfig withDevices(
      LinuxGuest guest, int cpus, String append, List<Path> programs, Path folder)
      throws IOException {
    BootConfig boot = withShell(guest, cpus, programs, folder).boot();
    List<Path> initrds = new ArrayList<>(boot.initrds());
    initrds.add(guest.modules());
    return machine(new BootConfig(guest.kernel(), initrds, commandLine() + " " + append), cpus);
  }

  /** The machine that {@code maloca run linux} shows at a terminal. */
  static MachineConfig asInstalled(LinuxGuest guest, int cpus) {
    return machine(new BootConfig(guest.kernel(), List.of(guest.initrd()), commandLine()), cpus);
  }

  private static String commandLine() {
    return "console=ttyS0 loglevel=5 panic=-1 no_timer_check";
  }

  private static MachineConfig machine(BootConfig boot, int cpus) {
    return new MachineConfig("test", MEMORY_BYTES, cpus, boot, List.of(), true);
  }
}
