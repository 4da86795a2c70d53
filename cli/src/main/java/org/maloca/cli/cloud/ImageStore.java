package org.maloca.cli.cloud;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.file.ImageInUseException;
import org.maloca.cli.cloud.ImageException.Kind;
import org.maloca.cli.interruption.Unfinished;

/**
 * The images that a user has: a folder with a file {@code NAME.img} each. A file is there only when
 * it is whole and its checksum was right.
 */
public final class ImageStore {
  /** No vendor's image is nearly as large. */
  private static final long MAX_BYTES = 1L << 40;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SUFFIX = ".img";

  /** Tells who would lose a disk with an image. */
  @FunctionalInterface
  public interface Machines {
    /** Names of the machines whose disks are over a file. */
    List<String> over(Path image) throws IOException;
  }

  /** An image that is there. */
  public record Image(String name, Path file, long sizeBytes) {}

  private final Path folder;
  private final Machines machines;
  private final Download download;

  /** Makes a store in a folder, which need not exist yet. */
  public ImageStore(Path folder, Machines machines) {
    this(folder, machines, new Download(Retries.usual(), PATIENCE, MAX_BYTES));
  }

  ImageStore(Path folder, Machines machines, Download download) {
    this.folder = folder;
    this.machines = machines;
    this.download = download;
  }

  /** All images, by name. */
  public List<Image> list() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      List<Path> images = files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
      List<Image> list = new java.util.ArrayList<>();
      for (Path file : images) {
        String name = file.getFileName().toString();
        name = name.substring(0, name.length() - SUFFIX.length());
        list.add(new Image(name, file, Files.size(file)));
      }
      return list;
    }
  }

  /** Finds an image. */
  public Optional<Image> find(String name) throws IOException, ImageException {
    Path file = file(name);
    return Files.exists(file)
        ? Optional.of(new Image(name, file, Files.size(file)))
        : Optional.empty();
  }

  /** Fetches an image and checks it; one that was fetched in part goes on. */
  public Image pull(CatalogueEntry entry, DownloadProgress progress)
      throws IOException, ImageException, InterruptedException {
    Path target = file(entry.name());
    Files.createDirectories(folder);
    Path part = folder.resolve(entry.name() + ".part");
    try (FileChannel lockFile =
            FileChannel.open(
                folder.resolve(entry.name() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = lock(lockFile, entry.name())) {
      String list = download.text(entry.checksums(), progress);
      String expected =
          Checksums.find(list, entry.fileName(), entry.algorithm())
              .orElseThrow(() ->
                  new ImageException(
                      Kind.DAMAGED,
                      "%s has no checksum of %s".formatted(entry.checksums(), entry.fileName())));
      if (lock.isValid()
          && Files.exists(target)
          && Checksums.of(target, entry.algorithm()).equals(expected)) {
        return new Image(entry.name(), target, Files.size(target));
      }
      requireNoMachineOver(target, "its vendor has another '%s' now".formatted(entry.name()));
      download.file(entry.address(), part, progress);
      if (!Checksums.of(part, entry.algorithm()).equals(expected)) {
        Files.delete(part);
        throw new ImageException(
            Kind.DAMAGED, entry.address() + " is not what its checksum says; it was thrown away");
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
    return new Image(entry.name(), target, Files.size(target));
  }

  private static FileLock lock(FileChannel file, String name) throws IOException, ImageException {
    FileLock lock = null;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      // Told below.
    }
    if (lock == null) {
      throw new ImageException(Kind.UNAVAILABLE, "'" + name + "' is being fetched already");
    }
    return lock;
  }

  /**
   * Copies a user's own image in: as it is when it is one file, else what it shows.
   *
   * @param allowed where the files may lie that the image names
   */
  public Image importFile(Path source, String name, AllowedPaths allowed)
      throws IOException, ImageException {
    Path target = file(name);
    if (!Files.isRegularFile(source)) {
      throw new ImageException(Kind.WRONG_USE, "there is no file " + source);
    }
    if (Files.exists(target)) {
      throw new ImageException(Kind.WRONG_USE, "there is an image '" + name + "' already");
    }
    Files.createDirectories(folder);
    try (OpenedDisk disk = open(source, allowed)) {
      if (!disk.isSelfContained()) {
        WholeImage.make(disk, target);
        return new Image(name, target, Files.size(target));
      }
    }
    Path part = Files.createTempFile(folder, "import", ".part");
    try (Unfinished ignored = new Unfinished(() -> Files.deleteIfExists(part))) {
      SparseCopy.copy(source, part);
      Files.move(part, target);
    } finally {
      Files.deleteIfExists(part);
    }
    return new Image(name, target, Files.size(target));
  }

  private static OpenedDisk open(Path source, AllowedPaths allowed)
      throws IOException, ImageException {
    try {
      return DiskImages.open(source, OpenOptions.readOnly().withAllowed(allowed));
    } catch (ImageInUseException inUse) {
      throw inUse;
    } catch (NoSuchFileException missing) {
      throw new ImageException(
          Kind.DAMAGED, "%s %s".formatted(missing.getFile(), missing.getReason()));
    } catch (IOException unusable) {
      throw new ImageException(Kind.DAMAGED, String.valueOf(unusable.getMessage()));
    }
  }

  /** Throws an image away, and what was fetched of it. */
  public void remove(String name) throws IOException, ImageException {
    Path target = file(name);
    requireNoMachineOver(target, "'%s' is still needed".formatted(name));
    boolean wasPart = Files.deleteIfExists(folder.resolve(name + ".part"));
    Files.deleteIfExists(folder.resolve(name + ".part.tag"));
    Files.deleteIfExists(folder.resolve(name + ".lock"));
    try {
      Files.delete(target);
    } catch (NoSuchFileException missing) {
      if (!wasPart) {
        throw new ImageException(Kind.WRONG_USE, "there is no image '" + name + "'");
      }
    }
  }

  /** A difference to an image is worth nothing without it, or over another one. */
  private void requireNoMachineOver(Path image, String why) throws IOException, ImageException {
    List<String> over = machines.over(image);
    if (!over.isEmpty()) {
      throw new ImageException(
          Kind.WRONG_USE,
          "%s, but the one that is here stays: the disks of these machines are over it: %s"
              .formatted(why, String.join(", ", over)));
    }
  }

  private Path file(String name) throws ImageException {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new ImageException(Kind.WRONG_USE, "'" + name + "' cannot be an image's name");
    }
    return folder.resolve(name + SUFFIX);
  }
}
