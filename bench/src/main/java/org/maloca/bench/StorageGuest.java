package org.maloca.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.maloca.cli.guest.AptRepository;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.DataFolder;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;

/**
 * A Debian kernel with its drivers, and an initrd that ends in a program of {@code guests/bench}.
 */
record StorageGuest(Path kernel, Path initrd) {
  /**
   * Makes it.
   *
   * @param program of {@code guests/bench}, found as {@code /bin/PROGRAM}
   * @param init the shell script that is process 1
   */
  static StorageGuest make(GuestArchitecture architecture, String program, String init, Path folder)
      throws IOException, InterruptedException, BenchException, GuestException {
    LinuxGuest linux =
        new DebianLinuxGuest(
                DataFolder.locate().resolve(DebianLinuxGuest.FOLDER),
                architecture,
                AptRepository::host)
            .provide(false, System.err::println);
    Path compiled = folder.resolve(program);
    Gcc.compile(Repository.root().resolve("guests/bench").resolve(program), compiled);
    Path base = folder.resolve(program + "-base.cpio");
    BusyboxInitrd.write(linux.busybox(), init, Map.of(), base);
    Path initrd = folder.resolve(program + ".cpio");
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(initrd), 1 << 16)) {
      Files.copy(base, output);
      Files.copy(linux.modules(), output);
      CpioArchive archive = new CpioArchive(output);
      archive.file("bin/" + program, 0755, Files.readAllBytes(compiled));
      archive.close();
    }
    return new StorageGuest(linux.kernel(), initrd);
  }

  /** How to start it; the names of rows come to the script as its argument. */
  GuestBoot boot(String names, int memoryMebibytes) {
    String commandLine = GuestBoot.COMMAND_LINE + " rdinit=/init -- " + names;
    return new GuestBoot(kernel, initrd, commandLine, 1, memoryMebibytes);
  }
}
