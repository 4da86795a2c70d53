package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.image.ImageFormat;

/**
 * What a named machine keeps from one run to the next: its disk, a qcow2 image over the one that it
 * was made from, and which that is.
 */
public final class MachineFolder {
  /** Where all named machines are, in the user's data folder. */
  static final String MACHINES = "machines";

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
    return in(DataFolder.locate().resolve(MACHINES), name);
  }

  static MachineFolder in(Path machines, String name) throws GuestException {
    if (!isName(name)) {
      throw new GuestException(
          "'%s' cannot be a machine's name: letters, digits and '-', at most 63".formatted(name));
    }
    return new MachineFolder(machines.resolve(name));
  }

  /** Machines of the user's that were made from something, by name. */
  public static List<String> ofUserFrom(Path origin) throws IOException {
    return from(DataFolder.locate().resolve(MACHINES), origin);
  }

  static List<String> from(Path machines, Path origin) throws IOException {
    if (!Files.isDirectory(machines)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(machines)) {
      return folders
          .filter(folder -> new MachineFolder(folder).isFrom(origin))
          .map(folder -> String.valueOf(folder.getFileName()))
          .sorted()
          .toList();
    }
  }

  /** One whose origin cannot be read may be from anything. */
  private boolean isFrom(Path origin) {
    try {
      Optional<Path> own = origin();
      return own.isPresent() && (own.get().equals(origin) || Files.isSameFile(own.get(), origin));
    } catch (NoSuchFileException gone) {
      return false;
    } catch (GuestException | IOException | InvalidPathException unknown) {
      return true;
    }
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
