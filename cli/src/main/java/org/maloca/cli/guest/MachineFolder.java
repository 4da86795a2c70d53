package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.image.ImageFormat;

/**
 * What a named machine keeps from one run to the next: its disk, a qcow2 image over the one that it
 * was made from, and which that is.
 */
public final class MachineFolder {
  private static final String ORIGIN = "system";
  private static final String DISK = "disk.qcow2";

  private final Path folder;

  private MachineFolder(Path folder) {
    this.folder = folder;
  }

  /** Whether a name can be that of a machine: a label of a host name (RFC 1123, section 2.1). */
  public static boolean isName(String name) {
    return name.matches("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  }

  /** The folder of a machine of the user's, which may not be there yet. */
  public static MachineFolder ofUser(String name) throws GuestException {
    return in(DataFolder.locate().resolve("machines"), name);
  }

  static MachineFolder in(Path machines, String name) throws GuestException {
    if (!isName(name)) {
      throw new GuestException(
          "'%s' cannot be a machine's name: letters, digits and '-', at most 63".formatted(name));
    }
    return new MachineFolder(machines.resolve(name));
  }

  /** What the machine was made from, if it has been made. */
  public Optional<Path> origin() throws GuestException {
    if (!Files.exists(disk())) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(Files.readString(folder.resolve(ORIGIN)).strip()));
    } catch (IOException failure) {
      throw unusable(failure);
    }
  }

  /**
   * Makes the machine, unless somebody else has just done so.
   *
   * @param origin what it is made from
   * @param base the image below its disk
   * @param sizeBytes of its disk
   */
  public void create(Path origin, Path base, ImageFormat format, long sizeBytes, Progress progress)
      throws GuestException {
    try {
      Files.createDirectories(folder);
      try (FolderLock lock = FolderLock.take(folder, progress)) {
        assert lock.isValid();
        if (Files.exists(disk())) {
          return;
        }
        // The disk comes last: where it is, the rest is complete.
        Files.writeString(folder.resolve(ORIGIN), origin.toAbsolutePath() + "\n");
        CreateRequest.Base below =
            new CreateRequest.Base(base.toAbsolutePath().toString(), format, null);
        ImageCreation.create(
            disk(), new CreateRequest(ImageFormat.QCOW2, sizeBytes, Map.of(), below), false);
      }
      progress.step("the machine's disk is kept in " + folder);
    } catch (IOException failure) {
      throw unusable(failure);
    }
  }

  private GuestException unusable(IOException failure) {
    return new GuestException(
        "could not make or read the machine in %s: %s".formatted(folder, failure), failure);
  }

  /** The machine's own image. */
  public Path disk() {
    return folder.resolve(DISK);
  }

  /** Where ssh keeps the key by which it knows the machine again. */
  public Path knownHosts() {
    return folder.resolve("known_hosts");
  }
}
