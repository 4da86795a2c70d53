package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.image.ImageFormat;

/**
 * What a named machine keeps from one run to the next: its disk, a qcow2 image over the disk of the
 * Debian system that it was made from, and which system that is.
 *
 * @param system whose kernel the machine boots
 * @param disk the machine's own image
 */
public record MachineFolder(DebianSystem system, Path disk) {
  private static final String SYSTEM = "system";
  private static final String DISK = "disk.qcow2";

  /** Whether a name can be that of a machine: a label of a host name (RFC 1123, section 2.1). */
  public static boolean isName(String name) {
    return name.matches("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  }

  /** Gives a machine of the user's, made when there is none of that name. */
  public static MachineFolder provide(String name, DebianGuest guest, Progress progress)
      throws GuestException {
    return provide(DataFolder.locate().resolve("machines"), name, guest, progress);
  }

  static MachineFolder provide(Path machines, String name, DebianGuest guest, Progress progress)
      throws GuestException {
    if (!isName(name)) {
      throw new GuestException(
          "'%s' cannot be a machine's name: letters, digits and '-', at most 63".formatted(name));
    }
    Path folder = machines.resolve(name);
    try {
      if (!Files.exists(folder.resolve(DISK))) {
        create(folder, guest.provide(false, progress), progress);
      }
      return open(folder);
    } catch (IOException failure) {
      throw new GuestException(
          "could not make the machine %s: %s".formatted(name, failure), failure);
    }
  }

  private static void create(Path folder, DebianSystem system, Progress progress)
      throws IOException {
    Files.createDirectories(folder);
    try (FolderLock lock = FolderLock.take(folder, progress)) {
      assert lock.isValid();
      if (Files.exists(folder.resolve(DISK))) {
        return;
      }
      Path home = system.baseDisk().toAbsolutePath().getParent();
      // The disk comes last: where it is, the rest is complete.
      Files.writeString(folder.resolve(SYSTEM), home + "\n");
      CreateRequest.Base base =
          new CreateRequest.Base(
              system.baseDisk().toAbsolutePath().toString(), ImageFormat.RAW, null);
      ImageCreation.create(
          folder.resolve(DISK),
          new CreateRequest(ImageFormat.QCOW2, Files.size(system.baseDisk()), Map.of(), base),
          false);
    }
  }

  private static MachineFolder open(Path folder) throws IOException, GuestException {
    DebianSystem system =
        DebianSystem.in(Path.of(Files.readString(folder.resolve(SYSTEM)).strip()));
    if (!system.isComplete()) {
      throw new GuestException(
          "the machine in %s is over a Debian that is gone: %s"
              .formatted(folder, system.baseDisk()));
    }
    return new MachineFolder(system, folder.resolve(DISK));
  }
}
